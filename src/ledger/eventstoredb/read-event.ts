/** An event as the client gives it, as `ReadEvent`. */
import type { ResolvedEvent } from '@eventstore/db-client';
import { type ReadEvent, StoreError } from './store.ts';

export function readEvent({ event, commitPosition }: ResolvedEvent): ReadEvent {
  if (!event) throw new StoreError('unreachable', 'the store gave a link without its event');
  const { streamId, revision, id, type, isJson, data, metadata, position } = event;
  const commit = position?.commit ?? commitPosition ?? 0n;
  return {
    stream: streamId,
    revision: Number(revision),
    id,
    type,
    content: isJson ? { json: data } : { bytes: data as Uint8Array },
    metadata,
    position: Number(commit),
    cursor: `${commit}/${position?.prepare ?? commit}`,
  };
}

/** The client's form of a cursor. */
export function positionOf(cursor: string): { readonly commit: bigint; readonly prepare: bigint } {
  const [commit, prepare] = cursor.split('/');
  if (commit === undefined || prepare === undefined) throw new Error(`${cursor} is no place in the store`);
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}
