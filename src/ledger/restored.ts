/** Where a restored event goes. */
import { CATALOGUE } from '../../schemas/catalogue.ts';
import { type StreamName, streamName } from '../../schemas/ids.ts';
import type { RestoreEvent } from './port.ts';

/** The stream of a restored event; null for a retraction that does not say, which goes where the event it names is. */
export function streamOfRestored({ event, stream }: RestoreEvent): StreamName | null {
  const { category } = CATALOGUE[event.type];
  if (category !== 'any') return streamName(category, event.subject);
  return stream ?? null;
}
