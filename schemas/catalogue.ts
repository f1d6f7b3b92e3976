/**
 * The catalogue: every event type, once. Types, validators, JSON Schema, GraphQL types and docs/events.md are read off
 * these entries. A new event type is one declaration in its family's file and one line here.
 */
import type { Static } from 'typebox';
import * as cluster from './cluster.ts';
import * as collector from './collector.ts';
import * as component from './component.ts';
import { type Check, compileCheck, type DataFault, type EventEntry } from './define.ts';
import * as incident from './incident.ts';
import * as maintenance from './maintenance.ts';
import { EventRetracted } from './retraction.ts';

const ENTRIES = { EventRetracted, ...cluster, ...collector, ...incident, ...component, ...maintenance };

type Entries = typeof ENTRIES;

/** The bare name of an event type, such as `LeaderElected`. */
export type EventName = keyof Entries;
/** The payload of each event type. Unknown keys may stand beside the known ones. */
export type EventData = { readonly [Name in EventName]: Readonly<Static<Entries[Name]['data']>> };

/** Name → entry, in the order of declaration. */
export const CATALOGUE: Readonly<Record<EventName, EventEntry>> = ENTRIES;
export const EVENT_NAMES = Object.keys(ENTRIES) as readonly EventName[];

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(ENTRIES, name);
}

const checks = new Map<EventName, Check>();

/** Checks a payload against its type's schema; null when it fits, else the first fault, its path a JSON pointer into the payload. */
export function validateData(name: EventName, value: unknown): DataFault | null {
  let check = checks.get(name);
  if (!check) {
    check = compileCheck(CATALOGUE[name].data);
    checks.set(name, check);
  }
  return check(value);
}
