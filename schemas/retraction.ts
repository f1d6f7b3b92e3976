/** The one event that may go to any stream. */
import { defineEvent, flag, id, optional, words } from './define.ts';

export const EventRetracted = defineEvent({
  name: 'EventRetracted',
  category: 'any',
  doc: 'An earlier event was a mistake. It is recorded in the stream of the event it names, which is skipped in every answer that knows of the retraction.',
  fields: {
    eventSource: id('`source` of the event that is taken back.'),
    eventId: id('`id` of the event that is taken back.'),
    reason: words('Why it is taken back.'),
    erase: optional(flag('Also blank its data for good, for text that must go. The hash chain stays intact.')),
  },
});
