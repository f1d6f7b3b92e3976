/** Follows an incident, and while its impact lasts its clusters; says up to where there is something new. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLive } from '../api/live.ts';
import { CLUSTER_TELLING, INCIDENT_CHANGING, type Incident } from './query.ts';

/** What clusters tell is gathered: each answer is a whole postmortem. */
const GATHER_MS = 2_000;
/** Each is a connection, of which a browser has six. */
const CLUSTERS_MAX = 2;

interface FollowingProps {
  readonly incident: Incident;
  onChange(position: string): void;
}

interface Told {
  readonly cursor: string;
}

export function Following({ incident, onChange }: FollowingProps) {
  const { id, status, clusters } = incident;
  const shown = useRef(0);
  shown.current = Math.max(shown.current, Number(incident.asOf.position));
  const tell = (cursor: string): void => {
    if (Number(cursor) <= shown.current) return;
    shown.current = Number(cursor);
    onChange(cursor);
  };
  useLive<Told>({
    query: INCIDENT_CHANGING,
    field: 'incident',
    variables: { id },
    onChange: ({ cursor }) => tell(cursor),
  });
  if (status === 'resolved') return null;
  return (
    <>
      {clusters.slice(0, CLUSTERS_MAX).map((cluster) => (
        <FollowingCluster key={cluster.id} id={cluster.id} since={incident.asOf.position} onTold={tell} />
      ))}
    </>
  );
}

interface FollowingClusterProps {
  readonly id: string;
  /** What the page knows already: what came between that and the subscription is told, too. */
  readonly since: string;
  onTold(cursor: string): void;
}

function FollowingCluster({ id, since, onTold }: FollowingClusterProps) {
  const [after] = useState(since);
  const newest = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const told = useRef(onTold);
  told.current = onTold;
  useEffect(() => () => clearTimeout(timer.current), []);
  useLive<Told>({
    query: CLUSTER_TELLING,
    field: 'events',
    variables: { id },
    after,
    onChange({ cursor }) {
      newest.current = cursor;
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        if (newest.current !== null) told.current(newest.current);
      }, GATHER_MS);
    },
  });
  return null;
}
