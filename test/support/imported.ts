/** Reads files through an import format and records what comes out the way the ledger would, in memory. */
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { CATALOGUE } from '../../schemas/catalogue.ts';
import { decodeEvent } from '../../schemas/cloudevents/decode.ts';
import type { AnyFoldEvent, FoldEvent, NewEvent } from '../../schemas/event.ts';
import { type Position, type Revision, type StreamCategory, streamName } from '../../schemas/ids.ts';
import { type Micros, parseTime } from '../../schemas/time.ts';
import type { ImportFormat, ImportSource } from '../../src/ingest/formats/format.ts';

/** Files by name; texts are given in chunks of a few bytes, so that no format leans on where chunks end. */
export function filesIn(contents: Readonly<Record<string, string | Uint8Array>>): ImportSource {
  return {
    async *open(file) {
      const content = contents[file];
      assert.ok(content !== undefined, `no file ${file}`);
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      for (let from = 0; from < bytes.length; from += 7) yield bytes.subarray(from, from + 7);
    },
  };
}

export const DISK: ImportSource = { open: (file) => createReadStream(file) };

export async function textsOf(
  format: ImportFormat,
  files: readonly string[],
  source: ImportSource,
): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const { text } of format.read(files, source)) texts.push(text);
  return texts;
}

/**
 * The events as restored: `recordedat` is kept and must never fall, every event must fit the catalogue, no (source, id)
 * comes twice, and a stream is opened by an event that may open it.
 */
export function restored(texts: readonly string[]): readonly AnyFoldEvent[] {
  const revisions = new Map<string, number>();
  const ids = new Set<string>();
  let before = 0;
  return texts.map((text, index) => {
    const place = `event ${index + 1}: ${text.slice(0, 300)}`;
    const { event, recordedAt } = decoded(text, place);
    assert.ok(recordedAt >= before, `recordedat falls at ${place}`);
    before = recordedAt;
    const key = JSON.stringify([event.source, event.id]);
    assert.ok(!ids.has(key), `the same id again at ${place}`);
    ids.add(key);
    const { category, opens } = CATALOGUE[event.type];
    assert.notEqual(category, 'any', `retractions are not read here: ${place}`);
    const stream = streamName(category as StreamCategory, event.subject);
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    const mayBeFirst = opens || category === 'cluster' || category === 'collector';
    assert.ok(revision > 0 || mayBeFirst, `its stream is not open at ${place}`);
    return foldEventOf({
      event,
      recordedAt,
      stream,
      category: category as StreamCategory,
      revision,
      position: index + 1,
    });
  });
}

function decoded(text: string, place: string): { event: NewEvent; recordedAt: Micros } {
  const value = JSON.parse(text) as { recordedat?: string };
  const result = decodeEvent(value);
  assert.ok(result.ok, `${place}: ${result.ok ? '' : `${result.fault.path} ${result.fault.message}`}`);
  const recordedAt = parseTime(value.recordedat ?? '');
  assert.equal(typeof recordedAt, 'number', `no recordedat at ${place}`);
  return { event: result.event, recordedAt: recordedAt as Micros };
}

interface Recorded {
  readonly event: NewEvent;
  readonly recordedAt: Micros;
  readonly stream: FoldEvent['stream'];
  readonly category: StreamCategory;
  readonly revision: number;
  readonly position: number;
}

function foldEventOf({ event, recordedAt, stream, category, revision, position }: Recorded): AnyFoldEvent {
  const { time, notBefore, synthetic, id, source, subject, type, data } = event;
  const occurredAt = time ?? recordedAt;
  const recorded: FoldEvent = {
    position: position as Position,
    stream,
    category,
    subject,
    revision: revision as Revision,
    type,
    source,
    id,
    occurredAt,
    occurredAtKnown: time !== null,
    recordedAt,
    effectiveAt: Math.min(occurredAt, recordedAt) as Micros,
    notBefore,
    synthetic,
    actor: null,
    erased: false,
    data,
  };
  return recorded as AnyFoldEvent;
}
