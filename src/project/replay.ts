/** One cluster's history told again: its facts in the order of every fold, and where asked for the cluster after each of them. */
import { cluster } from '../../projections/cluster/cluster.ts';
import { ClusterDrawing } from '../../projections/cluster/drawing.ts';
import type { ClusterState } from '../../projections/cluster/state.ts';
import type { ClusterView } from '../../projections/cluster/view.ts';
import { elections } from '../../projections/elections/elections.ts';
import { type GapView, gapsOf, inForceAt } from '../../projections/gaps/view.ts';
import type { Projection } from '../../projections/projection.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { type Position, streamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { gapsStateAt } from './answers.ts';
import { foldInOrder } from './fold.ts';
import { comparePlaces, type FoldPlace } from './place.ts';
import type { View, ViewReader, Views } from './views.ts';

export interface ReplayQuery {
  readonly clusterId: string;
  /** The set: what was recorded at or below it, without what was retracted at or below it. */
  readonly upTo: Position;
  /** Exclusive: of a time, `{ effectiveAt, position: Infinity }`; of an event, its place. */
  readonly after: FoldPlace;
  /** The latest effective time, inclusive, in µs. */
  readonly until: Micros;
  /** What is folded along with the facts; `nothing` costs no fold. */
  readonly folds: 'nothing' | 'cluster' | 'clusterAndElections';
}

export interface ReplayStep {
  readonly fact: AnyFoldEvent;
  /** The cluster after the fact; null where nothing is folded. Holds until the next step is asked for, which folds on in the same state. */
  readonly cluster: ClusterView | null;
  /** What else was so after the fact: the set's events that had happened by its effective time. Holds as long as `cluster`. */
  readonly reader: ViewReader;
}

/** Each fact with what it made of the cluster. Holds a page of facts and one state. Throws `FoldFailure`. */
export async function* replaySteps(views: Views, query: ReplayQuery): AsyncGenerator<ReplayStep, void, undefined> {
  const { clusterId, upTo, after, until, folds } = query;
  const stream = streamName('cluster', clusterId);
  if (folds === 'nothing') {
    const reader = views.at(upTo);
    for await (const page of views.facts({ stream, upTo, after, until })) {
      for (const fact of page) yield { fact, cluster: null, reader };
    }
    return;
  }
  // States are known as of times: of an event's own instant, what folds at or before it is folded again, untold.
  const startAt = (after.position === Number.POSITIVE_INFINITY ? after.effectiveAt : after.effectiveAt - 1) as Micros;
  const folding = await Folding.begin(views, query, startAt);
  const from: FoldPlace = { effectiveAt: startAt, position: Number.POSITIVE_INFINITY };
  for await (const page of views.facts({ stream, upTo, after: from, until })) {
    for (const fact of page) {
      folding.fold(fact);
      if (comparePlaces(fact, after) > 0) yield folding.stepAt(fact);
    }
  }
}

/** The states of one replay, folded in place: nobody else sees them. */
class Folding {
  readonly #views: Views;
  readonly #query: ReplayQuery;
  /** All of the set: gaps are stated intervals, so these answer about every moment of it. */
  readonly #gaps: readonly GapView[];
  readonly #drawing = new ClusterDrawing();
  readonly #cluster: Own<ClusterState>;
  /** Folded along where asked for: by time alone it would know of events that share an instant and fold later. */
  readonly #elections: Own<unknown> | null;

  private constructor(parts: {
    readonly views: Views;
    readonly query: ReplayQuery;
    readonly gaps: readonly GapView[];
    readonly cluster: Own<ClusterState>;
    readonly elections: Own<unknown> | null;
  }) {
    this.#views = parts.views;
    this.#query = parts.query;
    this.#gaps = parts.gaps;
    this.#cluster = parts.cluster;
    this.#elections = parts.elections;
  }

  static async begin(views: Views, query: ReplayQuery, startAt: Micros): Promise<Folding> {
    const reader = views.at(query.upTo, startAt);
    const own = async <State>(projection: Projection<State>): Promise<Own<State>> => {
      const view = await reader.get(projection, query.clusterId);
      const state = view === null ? projection.initial(query.clusterId) : (structuredClone(view.state) as State);
      return { projection, types: new Set<string>(projection.types), state };
    };
    return new Folding({
      views,
      query,
      gaps: gapsOf(await gapsStateAt(views.at(query.upTo))),
      cluster: await own(cluster),
      elections: query.folds === 'clusterAndElections' ? ((await own(elections)) as Own<unknown>) : null,
    });
  }

  fold(fact: AnyFoldEvent): void {
    foldOnto(this.#cluster, fact);
    if (this.#elections !== null) foldOnto(this.#elections, fact);
  }

  stepAt(fact: AnyFoldEvent): ReplayStep {
    const { effectiveAt } = fact;
    const then = this.#views.at(this.#query.upTo, effectiveAt);
    return {
      fact,
      cluster: this.#drawing.after(fact, this.#cluster.state, inForceAt(this.#gaps, effectiveAt)),
      reader: this.#elections === null ? then : withOwn(then, this.#elections, this.#query.clusterId, fact),
    };
  }
}

interface Own<State> {
  readonly projection: Projection<State>;
  readonly types: ReadonlySet<string>;
  state: State;
}

function foldOnto<State>(own: Own<State>, fact: AnyFoldEvent): void {
  if (own.types.has(fact.type)) own.state = foldInOrder(own.projection, own.state, [fact]);
}

/** A reader that answers about one key from the state of a replay. */
function withOwn(
  then: ViewReader,
  own: Own<unknown>,
  ownKey: string,
  { position, effectiveAt }: FoldPlaced,
): ViewReader {
  return {
    position: then.position,
    happenedAt: then.happenedAt,
    get<State>(projection: Projection<State>, key: string) {
      if (projection.name !== own.projection.name || key !== ownKey) return then.get(projection, key);
      return { key, state: own.state, position, frontier: { position, effectiveAt } } as View<State>;
    },
    list: (projection, query) => then.list(projection, query),
  };
}

type FoldPlaced = Pick<AnyFoldEvent, 'position' | 'effectiveAt'>;
