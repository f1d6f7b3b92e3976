/** What incidents say about components. */
import type { FoldEvent } from '../../schemas/event.ts';
import { visibilityByOrigin } from '../incident/state.ts';
import { entryOf, setEntry } from '../record.ts';
import { end, open, type Register, say } from './register.ts';
import type { ComponentsState, Speech, WaitingPost } from './state.ts';

type IncidentEvent = FoldEvent<'IncidentDeclared'> | FoldEvent<'IncidentUpdated'> | FoldEvent<'IncidentReopened'>;

export function incidentSpoke(state: ComponentsState, event: IncidentEvent): void {
  const speech = speechOf(event);
  speak(state.all, event, speech);
  if (event.type === 'IncidentDeclared') declared(state, event, speech);
  else posted(state, event, speech);
}

function posted(
  state: ComponentsState,
  event: Exclude<IncidentEvent, FoldEvent<'IncidentDeclared'>>,
  speech: Speech,
): void {
  const visibility = event.type === 'IncidentUpdated' ? (event.data.visibility ?? null) : null;
  const standing = entryOf(state.incidents, event.subject);
  if (!standing || 'waiting' in standing) {
    // Whether it is public follows from the declaration, which takes its place later; what comes before waits for it, all of it, to be taken in order.
    const waiting: WaitingPost[] = standing?.waiting ?? [];
    waiting.push({ visibility, speech });
    if (!standing) setEntry(state.incidents, event.subject, { waiting });
  } else if ((visibility ?? standing.visibility) === 'public') {
    speak(state.page, event, speech);
  }
}

function declared(state: ComponentsState, event: FoldEvent<'IncidentDeclared'>, speech: Speech): void {
  const visibility = event.data.visibility ?? visibilityByOrigin(event.data.origin);
  const standing = entryOf(state.incidents, event.subject);
  if (!standing || 'waiting' in standing) {
    setEntry(state.incidents, event.subject, { visibility });
    for (const post of standing?.waiting ?? []) {
      if ((post.visibility ?? visibility) === 'public') speak(state.page, event, post.speech);
    }
  }
  if (visibility === 'public') speak(state.page, event, speech);
}

function speak(register: Register, { stream }: IncidentEvent, speech: Speech): void {
  const { statements, incident, place, source } = speech;
  if (incident === 'ends') {
    end(register, stream, { place, source });
    return;
  }
  if (incident === 'goes_on') open(register, stream);
  for (const { componentId, status } of statements) {
    say(register, { componentId, status, source, place, subject: stream });
  }
}

function speechOf(event: IncidentEvent): Speech {
  const place = { at: event.effectiveAt, position: event.position };
  if (event.type === 'IncidentReopened') {
    const incident = event.data.status === 'resolved' ? 'ends' : 'goes_on';
    return { statements: [], incident, source: event.source, place };
  }
  const { status, components = [] } = event.data;
  const incident = status === 'resolved' ? 'ends' : status === undefined ? 'unchanged' : 'goes_on';
  // A component named without a status is one about which nothing was stated, or nothing new.
  const statements = components.flatMap((component) =>
    component.status === undefined ? [] : [{ componentId: component.componentId, status: component.status }],
  );
  return { statements: incident === 'ends' ? [] : statements, incident, source: event.source, place };
}
