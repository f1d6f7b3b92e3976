/** A document as both printers see it: text from events is text here, whatever characters it has. */
import type { Position } from '../../schemas/ids.ts';

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'strong'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  /** An event by its position: where the document lists its events, a way there. */
  | { readonly kind: 'event'; readonly position: Position };

export type Inlines = readonly Inline[];

export interface Table {
  readonly kind: 'table';
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

interface TableRow {
  readonly cells: readonly Inlines[];
  /** The event that this row is about, where others refer to it. */
  readonly anchor?: Position;
}

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: 'paragraph'; readonly inlines: Inlines }
  | { readonly kind: 'list'; readonly items: readonly Inlines[] }
  | Table;

export function text(value: string): Inline {
  return { kind: 'text', text: value };
}

export function strong(value: string): Inline {
  return { kind: 'strong', text: value };
}

export function code(value: string): Inline {
  return { kind: 'code', text: value };
}

export function eventRef(position: Position): Inline {
  return { kind: 'event', position };
}

export function heading(level: 1 | 2 | 3, value: string): Block {
  return { kind: 'heading', level, text: value };
}

export function paragraph(...inlines: Inlines): Block {
  return { kind: 'paragraph', inlines };
}

/** Inlines one after the other, a separator between them. */
export function joined(groups: readonly Inlines[], separator: string): Inlines {
  return groups.flatMap((group, index) => (index === 0 ? group : [text(separator), ...group]));
}

// Control characters and the marks that turn the direction of writing: what an event says must not move what stands beside it.
const STEERING = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text from outside on one line, without what could steer its reader. */
export function plain(value: string): string {
  return value.toWellFormed().replace(/\s+/g, ' ').replace(STEERING, '\ufffd').trim();
}
