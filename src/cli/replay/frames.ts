/** What a replay shows, as GraphQL gives it. */
import type { DemoCluster, DemoEvent } from '../demo/state.ts';

/** What was asked for. */
export interface Asked {
  readonly cluster: string;
  /** RFC 3339, as given. */
  readonly from: string;
  readonly to: string;
  readonly speed: number;
  readonly skipIdle: boolean;
}

/** A frame as it is drawn for people; programs get more of each. */
export interface DrawnFrame {
  readonly cursor: string;
  readonly knownAt: string;
  readonly at: string;
  readonly event: DemoEvent;
  readonly cluster: Omit<DemoCluster, 'maintenances'> & {
    readonly completeness: { readonly gaps: readonly { readonly collector: string }[] };
  };
}

const document = (frame: string): string => `
  subscription Replay($cluster: ID!, $from: DateTime!, $to: DateTime!, $speed: Float, $skipIdle: Boolean, $knownAt: DateTime, $after: Position) {
    replay(clusterId: $cluster, from: $from, to: $to, speed: $speed, skipIdle: $skipIdle, knownAt: $knownAt, after: $after) {
      cursor knownAt ${frame}
    }
  }`;

export const CURSORS = document('');

export const DRAWN = document(/* GraphQL */ `
  at
  event { type occurredAt data }
  cluster {
    leader { id } leaderSince term
    nodes { id liveness following { id } }
    jobs { id state critical node { id } }
    jobGroups { id name wanted running }
    deployments(last: 1) { description finishedAt }
    completeness { gaps { collector } }
  }`);

export const WHOLE = document(/* GraphQL */ `
  at
  event {
    position stream revision type subject source id occurredAt occurredAtKnown recordedAt clockAhead synthetic actor hash data
  }
  cluster {
    id leader { id } leaderSince term electing scopes
    leaders { scope node { id } term since contested stale }
    nodes { id name kind schedulable role liveness following { id } followingTerm lastSeenAt since }
    jobs { id name critical group { id } state node { id } assignedTerm attempts since }
    jobGroups { id name wanted running }
    anomalies(open: true) { id code severity message since }
    deployments(last: 1) { id description startedAt finishedAt outcome }
    asOf { position recordedAt occurredAt restored }
    completeness { complete gaps { collector from to reason } }
  }`);
