/**
 * Versions of an event's data. What is stored is never rewritten: an event says its version in `dataschema`
 * (`…/<Name>.v<version>.json`; none means version 1), and whoever reads brings it up to the present one.
 */
import { CATALOGUE, type EventName } from './catalogue.ts';
import { type EventEntry, upcast } from './define.ts';

/** The `dataschema` that events of this entry carry when they are recorded; null for version 1, which needs none. */
export function dataSchemaOf(entry: EventEntry): string | null {
  return entry.version === 1 ? null : `/schemas/${entry.name}.v${entry.version}.json`;
}

/** The version that a `dataschema` states for this entry: 1 where it states none of ours. */
export function versionStated(entry: EventEntry, dataschema: unknown): number {
  if (typeof dataschema !== 'string') return 1;
  const match = /\/([A-Za-z]+)\.v(\d{1,4})\.json$/.exec(dataschema);
  if (!match || match[1] !== entry.name) return 1;
  return Math.min(Number(match[2]), entry.version);
}

/** Whether stored data of this type may be older than the catalogue: only then need a reader look at the envelope. */
export function hasVersions(name: EventName): boolean {
  return CATALOGUE[name].version > 1;
}

/** Stored data as the present version has it. `envelope` is the stored JSON of the attributes. */
export function presentData(
  entry: EventEntry,
  data: Readonly<Record<string, unknown>>,
  envelope: string,
): Readonly<Record<string, unknown>> {
  const { dataschema } = JSON.parse(envelope) as { dataschema?: unknown };
  return upcast(entry, versionStated(entry, dataschema), data);
}
