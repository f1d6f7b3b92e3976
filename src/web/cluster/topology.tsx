/** The cluster at the playhead: a ring on which every node has its place, whoever leads in the middle, who follows whom. */
import { useMemo, useRef } from 'preact/hooks';
import type { ClusterNodeView, ClusterView } from '../../../projections/cluster/view.ts';
import type { GivenEvent } from '../fold/cluster.ts';
import { pathTo } from '../routes.ts';
import type { Member } from '../timeline/layout.ts';
import { type Centre, centresOf, edgesOf, type Place, placesOf } from '../timeline/ring.ts';
import { spokenTime, summary } from '../timeline/speech.ts';
import { At } from '../ui/time.tsx';
import type { Screen } from './screen.ts';

/** With more nodes than that names stand no more beside them; the table has them. */
const NAMED_MAX = 28;
const JOBS_DRAWN = 6;
const SIGNS: Readonly<Record<string, string>> = { ALIVE: '', LOST: '✕', UNKNOWN: '?', LEFT: '–' };

export function Topology({ screen }: { readonly screen: Screen }) {
  const { moment, at, isPending } = screen.moment.value;
  const seen = screen.seen.value;
  const places = usePlaces(screen, moment?.view ?? null);
  if (seen === null) return null;
  return (
    <section class="panel topology" aria-labelledby="topology-title" aria-busy={isPending && !seen.live}>
      <header>
        <h2 id="topology-title">Topology</h2>
        <span class="muted mono">{spokenTime(at ?? seen.at)}</span>
      </header>
      <div class="inside">
        {moment === null ? (
          <p class="muted">{isPending ? 'Folding …' : 'Nothing is known of that moment.'}</p>
        ) : (
          <>
            <p class="sum" id="topology-sum">
              {moment.view.nodes.length === 0 ? 'Nothing was known of this cluster yet.' : summary(moment.view)}
            </p>
            <Ring view={moment.view} places={places} />
            {moment.event !== null && <LastEvent event={moment.event} />}
          </>
        )}
      </div>
    </section>
  );
}

function LastEvent({ event: { type, position, occurredAt } }: { readonly event: GivenEvent }) {
  return (
    <p class="muted">
      Last event: <a href={pathTo('/events/:position', { position })}>{type.slice(type.lastIndexOf('.') + 1)}</a>,{' '}
      <At time={occurredAt} />
    </p>
  );
}

/** Once a node has a place it keeps it: those of other moments count, too. */
function usePlaces(screen: Screen, view: ClusterView | null): ReadonlyMap<string, Place> {
  const members = useRef(new Map<string, Member>());
  const roster = screen.roster.value;
  for (const node of [...(roster?.nodes ?? []), ...(view?.nodes ?? [])]) {
    if (!members.current.has(node.id)) members.current.set(node.id, node);
  }
  const { size } = members.current;
  return useMemo(() => placesOf([...members.current.values()]), [size]);
}

interface RingProps {
  readonly view: ClusterView;
  readonly places: ReadonlyMap<string, Place>;
}

function Ring({ view, places }: RingProps) {
  const centres = centresOf(view);
  const inMiddle = new Set(centres.map(({ node }) => node.id));
  const isNamed = places.size <= NAMED_MAX;
  const radius = isNamed ? 7 : Math.max(1.6, 5 - places.size / 120);
  return (
    <svg
      class={isNamed ? 'ring' : 'ring many'}
      viewBox="-124 -104 248 208"
      role="img"
      aria-label="Who follows whom; the tables say the same"
    >
      {edgesOf(view, places, centres).map(({ from, to, followerId, isOutdated }) => (
        <line
          key={followerId}
          class={isOutdated ? 'follows outdated' : 'follows'}
          x1={from.x}
          y1={from.y}
          x2={to.x}
          y2={to.y}
        />
      ))}
      {[...places.values()].map((place) => {
        const node = view.nodesById.get(place.id);
        // Not heard of yet at that moment, or gone: its place stays free.
        if (node === undefined || inMiddle.has(place.id)) {
          const shape = inMiddle.has(place.id) ? 'free leads' : 'free';
          return <circle key={place.id} class={shape} cx={place.x} cy={place.y} r={radius * 0.6} />;
        }
        return <Node key={place.id} node={node} place={place} radius={radius} isNamed={isNamed} />;
      })}
      {centres.map((centre) => (
        <Leader key={centre.node.id} centre={centre} />
      ))}
      {centres.length === 0 && (
        <text class={hasElected(view) ? 'nobody' : 'silent'} y={3}>
          {view.leaders.length > 0
            ? `${view.leaders.length} claims`
            : hasElected(view)
              ? 'no leader'
              : 'no word of a leader'}
        </text>
      )}
    </svg>
  );
}

/** Whether anyone was ever said to lead, or to stand: where not, the cluster may not elect at all. */
function hasElected({ state }: ClusterView): boolean {
  return Object.keys(state.leadership.scopes).length > 0;
}

interface NodeProps {
  readonly node: ClusterNodeView;
  readonly place: Place;
  readonly radius: number;
  readonly isNamed: boolean;
}

function Node({ node, place, radius, isNamed }: NodeProps) {
  const { x, y, angle } = place;
  const cos = Math.cos(angle);
  const anchor = cos > 0.3 ? 'start' : cos < -0.3 ? 'end' : 'middle';
  const away = radius + (node.jobs.length > 0 ? 9 : 4);
  return (
    <g>
      <title>{describe(node)}</title>
      <circle class={`node ${node.liveness.toLowerCase()} ${node.role.toLowerCase()}`} cx={x} cy={y} r={radius} />
      {isNamed && (
        <>
          <text class="sign" x={x} y={y + 3}>
            {SIGNS[node.liveness]}
          </text>
          <Jobs node={node} x={x} y={y + radius + 2} />
          <text
            class="name"
            x={x + cos * away}
            y={y + Math.sin(angle) * (away + 3) + (Math.sin(angle) > 0.3 ? 8 : 2)}
            text-anchor={anchor}
          >
            {node.name ?? node.id}
          </text>
        </>
      )}
    </g>
  );
}

function Leader({ centre: { node, term, isContested, isStale, x, y } }: { readonly centre: Centre }) {
  return (
    <g>
      <title>{`${describe(node)}${isContested ? ', contested' : ''}${isStale ? ', a stale claim' : ''}`}</title>
      <circle
        class={`node ${node.liveness.toLowerCase()} leader${isContested ? ' contested' : ''}${isStale ? ' stale' : ''}`}
        cx={x}
        cy={y}
        r={15}
      />
      <text class="crown" x={x} y={y + 1}>
        {isStale ? 'stale' : 'leads'}
      </text>
      <text class="sign" x={x} y={y + 9}>
        {term === null ? '' : `t ${term}`}
      </text>
      <Jobs node={node} x={x} y={y + 17} />
      <text class="name strong" x={x} y={y - 19} text-anchor="middle">
        {node.name ?? node.id}
      </text>
    </g>
  );
}

/** Its jobs as squares: full while they run, hollow while they are only assigned, crossed where they are orphaned. */
function Jobs({ node, x, y }: { readonly node: ClusterNodeView; readonly x: number; readonly y: number }) {
  const drawn = node.jobs.slice(0, JOBS_DRAWN);
  if (drawn.length === 0) return null;
  const left = x - (drawn.length * 5 - 1) / 2;
  return (
    <g>
      {drawn.map((job, index) => (
        <rect
          key={job.id}
          class={`job ${job.state.toLowerCase()}${job.critical ? ' critical' : ''}`}
          x={left + index * 5}
          y={y}
          width={4}
          height={4}
        >
          <title>{`${job.name ?? job.id}: ${job.state.toLowerCase()}${job.critical ? ', critical' : ''}`}</title>
        </rect>
      ))}
      {node.jobs.length > drawn.length && (
        <text class="more" x={left + drawn.length * 5 + 1} y={y + 4}>
          +{node.jobs.length - drawn.length}
        </text>
      )}
    </g>
  );
}

function describe({ id, name, zone, role, liveness, following, jobs }: ClusterNodeView): string {
  const parts = [name ?? id, zone, role.toLowerCase(), liveness.toLowerCase()];
  if (following !== null) parts.push(`follows ${following.name ?? following.id}`);
  if (jobs.length > 0) parts.push(`${jobs.length} jobs`);
  return parts.filter(Boolean).join(', ');
}
