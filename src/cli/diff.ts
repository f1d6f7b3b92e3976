/** `musterbook cluster diff`: how a cluster differs between two moments, and which events are to blame. */
import type { Command } from 'commander';
import type { Client } from './client/client.ts';
import { type DiffFlags, type DiffMoment, readMoments } from './diff-moments.ts';
import { differences, drawDiff } from './draw-diff.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { settingsOf, withClient, withOutput, withSettings } from './options.ts';
import { type Format, formatItem, type ItemShape } from './print/format.ts';
import { plain } from './print/text.ts';
import { count } from './progress.ts';
import type { Runtime } from './runtime.ts';

interface Named {
  readonly id: string;
}
export interface Cause {
  readonly position: string;
  readonly type: string;
  readonly id: string;
  readonly source: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
}
interface Caused {
  readonly causes: readonly Cause[];
}
interface LeadersChange extends Caused {
  readonly from: Named | null;
  readonly to: Named | null;
  readonly fromTerm: number | null;
  readonly toTerm: number | null;
}
export interface ScopeChange extends LeadersChange {
  readonly scope: string | null;
}
export interface FollowingChange extends LeadersChange {
  readonly id: string;
}
export interface ComparedNode {
  readonly liveness: string;
  readonly role: string;
  readonly name: string | null;
  readonly address: string | null;
  readonly zone: string | null;
  readonly kind: string | null;
  readonly schedulable: boolean | null;
  readonly incarnation: string | null;
  readonly labels: unknown;
}
export interface NodeRow extends Caused {
  readonly id: string;
  readonly change: string;
  readonly from: ComparedNode | null;
  readonly to: ComparedNode | null;
}
export interface JobChange extends Caused {
  readonly id: string;
  readonly change: string;
  readonly from: Named | null;
  readonly to: Named | null;
  readonly fromState: string | null;
  readonly toState: string | null;
}
export interface ComparedMoment {
  readonly exists: boolean;
  readonly asOf: { readonly position: string; readonly recordedAt: string; readonly occurredAt: string } | null;
  readonly completeness: { readonly complete: boolean };
}

/** What GraphQL answers. */
export interface DiffItem {
  readonly leader: LeadersChange | null;
  readonly term: (Caused & { readonly from: number | null; readonly to: number | null }) | null;
  readonly scopes: readonly ScopeChange[];
  readonly nodes: readonly NodeRow[];
  readonly followings: readonly FollowingChange[];
  readonly jobs: readonly JobChange[];
  readonly from: ComparedMoment;
  readonly to: ComparedMoment;
}

const CAUSES = 'causes { position type id source occurredAt recordedAt }';
const NODE = '{ liveness role name address zone kind schedulable incarnation labels }';
const MOMENT = '{ exists asOf { position recordedAt occurredAt } completeness { complete } }';
const DIFF = /* GraphQL */ `
  query Diff($id: ID!, $from: Moment!, $to: Moment!) {
    topologyDiff(clusterId: $id, from: $from, to: $to) {
      from ${MOMENT} to ${MOMENT}
      leader { from { id } to { id } fromTerm toTerm ${CAUSES} }
      term { from to ${CAUSES} }
      scopes { scope from { id } to { id } fromTerm toTerm ${CAUSES} }
      nodes { id change from ${NODE} to ${NODE} ${CAUSES} }
      followings { id from { id } to { id } fromTerm toTerm ${CAUSES} }
      jobs { id change from { id } to { id } fromState toState ${CAUSES} }
    }
  }`;

function shapeOf(asked: DiffAsked): ItemShape<DiffItem> {
  return {
    draw: (diff, look) => drawDiff(diff, asked, look),
    name: (diff) => differences(diff).map(plain).join('\n'),
  };
}

/** `to` null: the present. */
export interface DiffAsked {
  readonly id: string;
  readonly from: DiffMoment;
  readonly to: DiffMoment | null;
}

interface DiffOptions extends DiffFlags {
  readonly output: Format;
  readonly exitCode?: boolean;
}

export function addClusterDiff(cluster: Command, runtime: Runtime): void {
  withSettings(withOutput(cluster.command('diff <id>')))
    .description('how a cluster differs between two moments, each difference with the events that caused it')
    .option('--from <time|position>', 'as it was at this time, or as the ledger stood at this position')
    .option('--to <time|position>', 'the other moment, which may be the earlier one; absent: the present')
    .option('--from-known-at <time>', 'of --from, as it was known at this time; alone: all that was known then')
    .option('--to-known-at <time>', 'the same of --to')
    .option('--known-at <time>', 'both as they were known at this time')
    .option('--exit-code', 'exit 7 when there is a difference, 0 when there is none')
    .action(async (id: string, options: DiffOptions) => {
      const { output, exitCode = false } = options;
      const asked = { id, ...readMoments(options) };
      const diff = await withClient(runtime.openForReading(settingsOf(runtime, options)), (client) =>
        ask(client, asked),
      );
      const found = differences(diff).length;
      const { terminal } = runtime;
      if (found > 0 || output !== 'name') await terminal.write(formatItem(diff, output, shapeOf(asked), terminal));
      if (!exitCode || found === 0) return;
      throw new CommandFailure(EXIT.conditionFalse, {
        code: 'DIFFERENT',
        message: `${count(found)} ${found === 1 ? 'difference' : 'differences'}`,
      });
    });
}

async function ask(client: Client, { id, from, to }: DiffAsked): Promise<DiffItem> {
  const variables = { id, from, to: to ?? (await present(client)) };
  const { topologyDiff } = await client.ask<{ topologyDiff: DiffItem }>(DIFF, variables);
  return topologyDiff;
}

async function present(client: Client): Promise<DiffMoment> {
  const { ledger } = await client.ask<{ ledger: { readonly head: string } }>('{ ledger { head } }');
  return { position: ledger.head };
}
