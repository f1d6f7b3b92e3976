/** What a collector says of itself. */
import { defineEvent, ids, optional, text, time } from './define.ts';

export const CollectorGapRecorded = defineEvent({
  name: 'CollectorGapRecorded',
  category: 'collector',
  doc: 'A collector could not see, or its source skipped or was cut short. The subject is the collector: the `source` of its events.',
  fields: {
    clusterIds: optional(ids('The clusters concerned. With no ids at all: everything the collector reports.')),
    componentIds: optional(ids('The components concerned.')),
    from: optional(time('Since when, inclusive. Absent: since the collector’s event before this one.')),
    to: optional(time('Until when, exclusive. Absent: it is still open.')),
    reason: text('What happened.'),
  },
});
