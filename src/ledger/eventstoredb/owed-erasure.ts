/** What was erased and still lies in the store, which cannot blank one event. */
import type { Position, StreamName } from '../../../schemas/ids.ts';
import { MusterbookError } from '../../errors.ts';
import { namedBy } from '../judge.ts';
import type { Mirror } from '../mirror.ts';
import type { StoredEvent } from '../port.ts';
import type { Store } from './store.ts';

export interface ErasedEvent {
  readonly stream: StreamName;
  readonly revision: number;
  readonly position: Position;
}

const PAGE = 100;

/** The newest erased event whose text the store still has; null where there is none. Throws what the store throws. */
export async function erasedButStored(mirror: Mirror, store: Store, prefix: string): Promise<ErasedEvent | null> {
  for await (const { stream, revision, position } of erasedEvents(mirror)) {
    const [stored] = await store.read({ stream: `${prefix}${stream}`, from: revision, count: 1 });
    const isHere = stored?.revision === revision;
    // What was restored as erased came without its text.
    const hasText = isHere && Object(stored.metadata).datahash === undefined;
    if (hasText) return { stream, revision, position };
  }
  return null;
}

/** The newest erasure first. */
async function* erasedEvents(mirror: Mirror): AsyncGenerator<StoredEvent> {
  let upTo = (await mirror.head()).position;
  while (upTo > 0) {
    const page = await mirror.readAllStored({ upTo, backwards: true, types: ['EventRetracted'], limit: PAGE });
    for (const retraction of page) {
      const target = await erasedBy(mirror, retraction);
      if (target) yield target;
    }
    if (page.length < PAGE) return;
    upTo = ((page.at(-1)?.position ?? 1) - 1) as Position;
  }
}

async function erasedBy(mirror: Mirror, { dataText, stream }: StoredEvent): Promise<StoredEvent | null> {
  if (dataText === null) return null;
  const named = namedBy(dataText);
  const target = named.erase ? await mirror.eventByKey(named, stream) : null;
  return target?.erased && target.stream === stream ? target : null;
}

export function erasureOwed({ stream, revision, position }: ErasedEvent, shown: string): MusterbookError {
  const message =
    `The event is erased here and on every replica that follows, but ${shown} keeps its text at ${stream}@${revision}: ` +
    'an EventStoreDB cannot blank one event (docs/privacy.md)';
  return new MusterbookError('ERASURE_INCOMPLETE', message, { store: shown, stream, revision, position });
}
