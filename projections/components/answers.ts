/** Builds the components' answers from their state. */
import { completenessOf, type GapView, gapsCoveringComponent } from '../gaps/view.ts';
import { entryOf } from '../record.ts';
import type { Register } from './register.ts';
import type { ComponentsState } from './state.ts';
import type { ComponentView } from './view.ts';

/** The registered components that are not retired, in the order in which they were first registered. */
export function componentViews(
  state: Readonly<ComponentsState>,
  openGaps: readonly GapView[],
): readonly ComponentView[] {
  return viewsOf(state, state.registers.all, openGaps);
}

/** As `componentViews`, from public statements alone. */
export function pageComponentViews(
  state: Readonly<ComponentsState>,
  openGaps: readonly GapView[],
): readonly ComponentView[] {
  return viewsOf(state, state.registers.page, openGaps);
}

/** A component that is registered now; null for any other. */
export function componentView(
  state: Readonly<ComponentsState>,
  id: string,
  openGaps: readonly GapView[],
): ComponentView | null {
  const registration = entryOf(state.registrations, id);
  return registration && !registration.retired ? viewOf(id, { state, register: state.registers.all, openGaps }) : null;
}

/** A component that something names, whoever registered it or retired it: where no one did, its name is its id. */
export function namedComponentView(
  state: Readonly<ComponentsState>,
  id: string,
  openGaps: readonly GapView[],
): ComponentView {
  return viewOf(id, { state, register: state.registers.all, openGaps });
}

/** As `namedComponentView`, from public statements alone. */
export function namedPageComponentView(
  state: Readonly<ComponentsState>,
  id: string,
  openGaps: readonly GapView[],
): ComponentView {
  return viewOf(id, { state, register: state.registers.page, openGaps });
}

/** The `source` of whoever told what is known of a component: for the gaps that concern it. */
export function componentSources(state: Readonly<ComponentsState>, id: string): readonly string[] {
  return sourcesOf(state, state.registers.all, id);
}

interface Origin {
  readonly state: Readonly<ComponentsState>;
  readonly register: Register;
  readonly openGaps: readonly GapView[];
}

function viewsOf(
  state: Readonly<ComponentsState>,
  register: Register,
  openGaps: readonly GapView[],
): readonly ComponentView[] {
  return Object.entries(state.registrations)
    .filter(([, registration]) => !registration.retired)
    .map(([id]) => viewOf(id, { state, register, openGaps }));
}

function viewOf(id: string, { state, register, openGaps }: Origin): ComponentView {
  const registration = entryOf(state.registrations, id);
  const standing = entryOf(register.standings, id);
  const sources = sourcesOf(state, register, id);
  const covering = gapsCoveringComponent(openGaps, id, sources);
  return {
    id,
    name: registration?.name ?? id,
    group: registration?.group ?? null,
    description: registration?.description ?? null,
    status: standing?.status ?? 'operational',
    statusSince: standing?.since ?? null,
    noData: covering.some((gap) => sources.includes(gap.collector)),
    clusterId: registration?.clusterId ?? null,
    jobIds: registration?.jobIds ?? [],
    registeredAt: registration?.registeredAt ?? null,
    restatedAt: registration?.restatedAt ?? null,
    completeness: completenessOf(covering),
  };
}

/** Who stated its status last; where no one did, who registered it, since that it is well is then his word. */
function sourcesOf(state: Readonly<ComponentsState>, register: Register, id: string): readonly string[] {
  const source = entryOf(register.standings, id)?.source ?? entryOf(state.registrations, id)?.source;
  return source === undefined ? [] : [source];
}
