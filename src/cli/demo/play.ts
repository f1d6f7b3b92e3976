/** Plays the story into a server through its doors, and keeps what there is to show. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '../client/client.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { DEMO_EVENTS, DEMO_QUESTION, type DemoAnswer, type DemoEvent } from './state.ts';
import { type Cast, castOf, movedTo, type Story } from './story.ts';

/** Events kept for showing. */
const EVENTS_KEPT = 20;

/** What there is to show; it changes while the story is told. */
export interface Stage {
  answer: DemoAnswer;
  /** The newest last, at most `EVENTS_KEPT`. */
  readonly events: DemoEvent[];
  /** The position up to which all is shown. */
  position: number;
}

export interface Tempo {
  /** When the story began, in ms since the epoch. */
  readonly startMs: number;
  /** 1 tells it in about a minute, 2 in half of that. */
  readonly speed: number;
  readonly nowMs: () => number;
}

/** The first cast that this ledger does not know yet: every run is a story of its own. */
export async function freshCast(client: Client): Promise<Cast> {
  const question =
    'query Known($clusterId: ID!, $incidentId: ID!) { cluster(id: $clusterId) { id } incident(id: $incidentId) { id } }';
  for (let run = 1; ; run += 1) {
    const cast = castOf(run);
    const known = await client.ask<{ cluster: unknown; incident: unknown }>(question, { ...cast });
    if (known.cluster === null && known.incident === null) return cast;
  }
}

/**
 * Sends each event when its time has come; those due together go together. Resolves with the last position after the last
 * one, or when the signal says so.
 */
export async function tell(story: Story, client: Client, tempo: Tempo, signal: AbortSignal): Promise<number> {
  const { startMs, speed, nowMs } = tempo;
  let position = 0;
  let next = 0;
  while (next < story.scenes.length && !signal.aborted) {
    const offsetMs = (nowMs() - startMs) * speed;
    const due = story.scenes.slice(next).filter((scene) => scene.offsetMs <= offsetMs);
    if (due.length > 0) {
      const answer = await client.takeFacts(due.map(({ event }) => movedTo(event, tempo)));
      const [rejected] = answer.rejected;
      if (rejected) throw rejectedScene(rejected);
      position = Number(answer.position);
      next += due.length;
      continue;
    }
    const waitMs = ((story.scenes[next]?.offsetMs ?? 0) - offsetMs) / speed;
    await pause(Math.max(1, waitMs), undefined, { signal }).catch(() => {});
  }
  return position;
}

interface RejectedScene {
  readonly id: string | null;
  readonly code: string;
  readonly message: string;
}

function rejectedScene({ id, code, message }: RejectedScene): CommandFailure {
  return new CommandFailure(EXIT.error, {
    code,
    message: `the event ${id ?? ''} was rejected: ${message}`,
    hint: null,
  });
}

export interface Audience {
  readonly stage: Stage;
  /** Events after this position are shown. */
  readonly after: string;
  onEvent(event: DemoEvent): Promise<void>;
}

/** Follows the record: after each event the state of things is asked for, as of that event or later. Ends with the signal. */
export async function follow(
  client: Client,
  cast: Cast,
  { stage, after, onEvent }: Audience,
  signal: AbortSignal,
): Promise<void> {
  const { clusterId, incidentId } = cast;
  const subscription = { document: DEMO_EVENTS, field: 'events', variables: { after } };
  for await (const { cursor, event } of client.watch<{ cursor: string; event: DemoEvent }>(subscription, signal)) {
    stage.answer = await client.ask<DemoAnswer>(DEMO_QUESTION, { clusterId, incidentId, atLeast: cursor });
    stage.events.push(event);
    stage.events.splice(0, Math.max(0, stage.events.length - EVENTS_KEPT));
    await onEvent(event);
    stage.position = Number(cursor);
  }
}
