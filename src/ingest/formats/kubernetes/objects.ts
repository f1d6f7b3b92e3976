/** Nodes and events as `kubectl cluster-info dump` writes them: Go's field names in older versions, JSON's in newer ones. */
import type { Micros } from '../../../../schemas/time.ts';
import { documentOf } from '../bytes.ts';
import { type ImportSource, timeIn, unreadable } from '../format.ts';

export interface DumpedNode {
  readonly name: string;
  readonly createdAt: Micros;
  readonly address: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly isSchedulable: boolean;
  readonly ready: ReadyCondition | null;
}

/** The condition `Ready`. */
export interface ReadyCondition {
  readonly isReady: boolean;
  /** When the kubelet last posted its status. */
  readonly heartbeatAt: Micros;
  /** Since when it is so. */
  readonly since: Micros;
}

/** An event of the cluster's own record. Repeated ones are one object with a count. */
export interface DumpedEvent {
  readonly uid: string;
  readonly reason: string;
  readonly message: string;
  readonly component: string;
  /** The node that the component ran on; empty where it is bound to none. */
  readonly host: string;
  readonly object: ObjectReference;
  readonly firstAt: Micros;
  readonly lastAt: Micros;
}

export interface ObjectReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

type Json = Readonly<Record<string, unknown>>;

/** The items of a list document. */
export async function readItems(file: string, source: ImportSource): Promise<readonly Json[]> {
  let value: unknown;
  try {
    value = JSON.parse(await documentOf(file, source));
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(file, 'it is not JSON');
    throw error;
  }
  const items = isObject(value) ? field(value, 'Items') : undefined;
  if (!Array.isArray(items)) throw unreadable(file, 'it is not a list with items');
  return items.filter(isObject);
}

export function readNode(item: Json, place: string): DumpedNode {
  const metadata = metadataOf(item);
  const spec = objectIn(field(item, 'Spec'));
  const status = objectIn(field(item, 'Status'));
  const name = textIn(metadata['name']);
  const ready = objectsIn(field(status, 'Conditions')).find((each) => field(each, 'Type') === 'Ready');
  const address = objectsIn(field(status, 'Addresses')).find((each) => field(each, 'Type') === 'InternalIP');
  return {
    name,
    createdAt: timeIn(metadata['creationTimestamp'], `${place}, node ${name}`),
    address: address === undefined ? null : textIn(field(address, 'Address')),
    labels: Object.fromEntries(
      Object.entries(objectIn(metadata['labels'])).filter(
        (pair): pair is [string, string] => typeof pair[1] === 'string',
      ),
    ),
    isSchedulable: field(spec, 'Unschedulable') !== true,
    ready:
      ready === undefined
        ? null
        : {
            isReady: field(ready, 'Status') === 'True',
            heartbeatAt: timeIn(field(ready, 'LastHeartbeatTime'), `${place}, node ${name}`),
            since: timeIn(field(ready, 'LastTransitionTime'), `${place}, node ${name}`),
          },
  };
}

export function readEvent(item: Json, place: string): DumpedEvent {
  const metadata = metadataOf(item);
  const object = objectIn(field(item, 'InvolvedObject'));
  const created = metadata['creationTimestamp'];
  const reporter = objectIn(field(item, 'Source'));
  return {
    uid: textIn(metadata['uid']),
    reason: textIn(field(item, 'Reason')),
    message: textIn(field(item, 'Message')),
    component: textIn(field(reporter, 'Component')) || textIn(item['reportingComponent']),
    host: textIn(field(reporter, 'Host')) || textIn(item['reportingInstance']),
    object: {
      kind: textIn(field(object, 'Kind')),
      namespace: textIn(field(object, 'Namespace')),
      name: textIn(field(object, 'Name')),
      uid: textIn(field(object, 'UID')),
    },
    firstAt: timeIn(field(item, 'FirstTimestamp') ?? created, `${place}, an event`),
    lastAt: timeIn(field(item, 'LastTimestamp') ?? created, `${place}, an event`),
  };
}

/** Older dumps write an object's metadata flat, newer ones under `metadata`. */
function metadataOf(item: Json): Json {
  return isObject(item['metadata']) ? item['metadata'] : item;
}

/** A field by its name in Go; in newer dumps its first letter, or an initialism at its start, is small. */
function field(value: Json, name: string): unknown {
  return value[name] ?? value[name === 'UID' ? 'uid' : `${name.charAt(0).toLowerCase()}${name.slice(1)}`];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectIn(value: unknown): Json {
  return isObject(value) ? value : {};
}

function objectsIn(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
