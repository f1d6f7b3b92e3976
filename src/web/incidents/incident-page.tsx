/** One incident: its timeline with both times, what is beside it, and all that can be said about it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useAnswer } from '../api/ask.ts';
import type { PageProps } from '../pages.ts';
import { hereWith, queryValue, setQuery } from '../router.ts';
import { momentInput } from '../ui/mark.ts';
import { may } from '../ui/may.ts';
import { absolute } from '../ui/moment.ts';
import { MomentChoice, markHere } from '../ui/moment-choice.tsx';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { At } from '../ui/time.tsx';
import { CommandForm } from './command-form.tsx';
import { EventLink } from './event-link.tsx';
import { Following } from './following.tsx';
import { type FormName, isFormName, type Values } from './forms.ts';
import './incidents.css';
import { PostmortemPart } from './postmortem-part.tsx';
import { type Contradiction, INCIDENT, type Incident, type IncidentAnswer } from './query.ts';
import { NEEDS_OPERATE } from './refusal.ts';
import { Sides } from './sides.tsx';
import { StoryTable } from './story.tsx';
import { ImpactChip, StatusChip } from './words.tsx';

export function IncidentPage({ params }: PageProps) {
  const id = params['id'] ?? '';
  const moment = momentInput(markHere());
  const [atLeast, setAtLeast] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const answer = useAnswer<IncidentAnswer>(INCIDENT, { id, moment, atLeast: moment === null ? atLeast : null });
  // What was there stays when it cannot be asked again: the server was killed, say.
  const kept = useRef<{ readonly of: string; readonly data: IncidentAnswer } | null>(null);
  const of = JSON.stringify(moment);
  if (answer.state === 'ready' && !answer.stale) kept.current = { of, data: answer.data };
  const shown = answer.state === 'ready' ? answer.data : kept.current?.of === of ? kept.current.data : null;
  const title = shown?.incident?.title;
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · Musterbook`;
  }, [title]);

  if (shown === null) {
    return (
      <>
        <div class="title">
          <h1>Incident {id}</h1>
        </div>
        <MomentChoice />
        {answer.state === 'failed' ? <Failed failure={answer.failure} again={answer.again} /> : <Loading rows={12} />}
      </>
    );
  }
  const { incident, postmortem: story } = shown;
  if (incident === null || story === null) return <Unknown id={id} isNow={moment === null} />;
  const mayNot = reasonAgainst(moment === null);
  const isPostmortem = queryValue('view') === 'postmortem';
  return (
    <>
      {moment === null && <Following incident={incident} onChange={setAtLeast} />}
      <div class="title">
        <h1>{incident.title}</h1>
        <span class="row">
          <StatusChip status={incident.status} />
          {incident.impact !== null && <ImpactChip impact={incident.impact} />}
        </span>
        <span class="muted">
          as of position {incident.asOf.position}, <At time={incident.asOf.recordedAt} />
        </span>
      </div>
      <MomentChoice />
      <Actions incident={incident} mayNot={mayNot} />
      <p class="unseen" role="status">
        {said}
      </p>
      {answer.state === 'failed' && <Failed failure={answer.failure} again={answer.again} />}
      <OpenForm
        incident={incident}
        onDone={(position, words) => {
          setAtLeast(position);
          setSaid(words);
        }}
      />
      <nav class="tabs" aria-label="Parts of the incident">
        <a href={hereWith({ view: null })} aria-current={isPostmortem ? undefined : 'page'}>
          Timeline
        </a>
        <a href={hereWith({ view: 'postmortem' })} aria-current={isPostmortem ? 'page' : undefined}>
          Postmortem
        </a>
      </nav>
      {isPostmortem ? (
        <PostmortemPart id={id} moment={moment} atLeast={moment === null ? atLeast : null} />
      ) : (
        <div class="incident">
          <div>
            <Contradictions contradictions={story.contradictions} />
            <StoryTable incident={incident} story={story} canAmend={mayNot === null} />
          </div>
          <Sides incident={incident} story={story} canChange={mayNot === null} />
        </div>
      )}
    </>
  );
}

function Unknown({ id, isNow }: { readonly id: string; readonly isNow: boolean }) {
  return (
    <>
      <div class="title">
        <h1>Incident {id}</h1>
      </div>
      <MomentChoice />
      <Empty title={isNow ? 'The ledger knows no such incident' : 'Nothing was known of it at that moment'}>
        <p>
          <a href="/incidents">All incidents</a>
        </p>
      </Empty>
    </>
  );
}

function reasonAgainst(isNow: boolean): string | null {
  if (!may('operate')) return `This token may only read. ${NEEDS_OPERATE}`;
  return isNow ? null : 'This is a moment of the past: nothing can be said there.';
}

function actionsFor(status: string | null): readonly (readonly [FormName, string])[] {
  const end: readonly [FormName, string] = status === 'resolved' ? ['reopen', 'Reopen'] : ['resolve', 'Resolve'];
  return [['update', 'Post an update'], end, ['publish', 'Publish an account']];
}

function Actions({ incident, mayNot }: { readonly incident: Incident; readonly mayNot: string | null }) {
  const open = queryValue('do');
  return (
    <div class="row">
      {actionsFor(incident.status).map(([name, words]) =>
        mayNot === null ? (
          <a key={name} id={name} class="button" href={hereWith({ do: name, of: null })} aria-current={open === name}>
            {words}
          </a>
        ) : (
          <button key={name} type="button" disabled aria-describedby="may-not">
            {words}
          </button>
        ),
      )}
      {mayNot !== null && (
        <span id="may-not" class="muted">
          {mayNot}
        </span>
      )}
    </div>
  );
}

interface OpenFormProps {
  readonly incident: Incident;
  onDone(position: string, words: string): void;
}

/** The form that the address names. */
function OpenForm({ incident, onDone }: OpenFormProps) {
  const name = queryValue('do');
  const of = queryValue('of');
  if (!isFormName(name) || name === 'declare' || reasonAgainst(momentInput(markHere()) === null) !== null) return null;
  const target = targetOf(name, of, incident);
  if (target === null) return <Empty title="The entry that is to be changed is not there" />;
  const close = (): void => {
    setQuery({ do: null, of: null });
    // Back to where it was opened from; a button that is gone leaves its place to the timeline.
    const opener = of === null ? name : `${name}-${of}`;
    requestAnimationFrame(() => (document.getElementById(opener) ?? document.getElementById('content'))?.focus());
  };
  return (
    <CommandForm
      key={`${name} ${of}`}
      name={name}
      {...target}
      known={{
        clusterId: incident.clusters.map(({ id }) => id),
        responder: incident.responders.map((each) => each.responder),
      }}
      onClose={close}
      onDone={({ position }) => {
        onDone(position, `Recorded at position ${position}`);
        close();
      }}
    />
  );
}

interface Target {
  readonly about: Readonly<Record<string, string>>;
  readonly initial?: Values;
  readonly intro?: string;
}

/** What a form is about; null where it names something that is not there. */
function targetOf(name: FormName, of: string | null, incident: Incident): Target | null {
  const about = { incidentId: incident.id };
  switch (name) {
    case 'amend': {
      const update = incident.updates.find(({ id }) => id === of);
      if (update === undefined) return null;
      const initial = { message: update.message ?? '' };
      return { about: { ...about, updateId: update.id }, initial, intro: `The entry of ${absolute(update.at)}` };
    }
    case 'complete-item': {
      const item = incident.actionItems.find(({ id }) => id === of);
      return item === undefined ? null : { about: { ...about, itemId: item.id }, intro: item.title };
    }
    case 'acknowledge':
      return { about, initial: { responder: of ?? '' } };
    case 'link':
      return { about, initial: { clusterId: incident.clusters[0]?.id ?? '' } };
    default:
      return { about };
  }
}

function Contradictions({ contradictions }: { readonly contradictions: readonly Contradiction[] }) {
  if (contradictions.length === 0) return null;
  return (
    <section class="note warn stack" aria-labelledby="contradictions">
      <h2 id="contradictions">{contradictions.length} that cannot all hold</h2>
      <ul>
        {contradictions.map(({ about, kind, goesBy, statements }) => (
          <li key={kind + about}>
            <strong>{about}</strong>
            {goesBy !== null && `; answers go by: ${goesBy}`}
            <ul>
              {statements.map(({ at, recordedAt, summary, event }) => (
                <li key={event.position}>
                  <At time={at} />, known <At time={recordedAt} />: {summary} <EventLink event={event} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}
