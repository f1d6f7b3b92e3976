/** Every import format. A new one is a file and a line here. */
import { cloudevents } from './cloudevents.ts';
import type { ImportFormat } from './format.ts';
import { kubernetesDump } from './kubernetes-dump.ts';
import { statuspagePolls } from './statuspage-polls.ts';

export const IMPORT_FORMATS: readonly ImportFormat[] = [cloudevents, statuspagePolls, kubernetesDump];
