/** A postmortem as text: the record in Markdown, or as one HTML file with the published account beside it. */
import type { Micros } from '../../schemas/time.ts';
import { printHtml } from './html.ts';
import { type LinkOf, printMarkdown } from './markdown.ts';
import type { PostmortemRecord } from './record.ts';
import { postmortemBlocks } from './sections.ts';
import type { Cite } from './tables.ts';

export interface PrintedFrom {
  readonly record: PostmortemRecord;
  /** Of every position of `citedPositions`. */
  readonly cite: Cite;
  /** recordedAt of the last event of the set. */
  readonly asOfRecordedAt: Micros;
}

export function postmortemMarkdown({ record, cite, asOfRecordedAt }: PrintedFrom, linkOf?: LinkOf): string {
  return printMarkdown(postmortemBlocks(record, cite, asOfRecordedAt), linkOf);
}

export function postmortemHtml({ record, cite, asOfRecordedAt }: PrintedFrom): string {
  return printHtml({
    title: `Postmortem: ${record.view.title}`,
    blocks: postmortemBlocks(record, cite, asOfRecordedAt),
    published: record.published?.body ?? null,
  });
}
