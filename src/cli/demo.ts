/** `musterbook demo`: a server, a published incident played into it as if it happened now, and a picture of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../clock.ts';
import { drawFrame, type Picture } from './demo/frame.ts';
import { captionLine, eventLine, stateLine } from './demo/plain-lines.ts';
import { follow, freshCast, type Stage, type Tempo, tell } from './demo/play.ts';
import { placesOf, questionsOf } from './demo/questions.ts';
import type { DemoEvent } from './demo/state.ts';
import { type Cast, clockThen, readStory, type Story } from './demo/story.ts';
import { flagsOf } from './options.ts';
import { painter } from './print/text.ts';
import type { RunningServer, Runtime, Terminal } from './runtime.ts';
import { interrupted, withServing } from './serve.ts';

interface DemoOptions {
  readonly speed: number;
  readonly exit?: boolean;
}

/** How often the picture is drawn: the clock in it moves also while nothing happens. */
const REDRAW_MS = 150;
/** How long the last picture stands before the questions. */
const LAST_PICTURE_MS = 2_000;
const ROWS_DEFAULT = 40;

const CLEAR = '\u001b[2J\u001b[H\u001b[?25l';
const HOME = '\u001b[H';
const LINE_END = '\u001b[K\n';
const CLEAR_BELOW = '\u001b[J';
const SHOW_CURSOR = '\u001b[?25h';

export function addDemo(program: Command, runtime: Runtime): void {
  withServing(program.command('demo'))
    .description('a server, and a published incident played into it live: watch it, then ask about it')
    .option('--speed <factor>', '1 tells it in about a minute, 2 in half of that', readSpeed, 1)
    .option('--exit', 'end when the story is told; else the server stays up until Ctrl-C')
    .action((options: DemoOptions) => runDemo(runtime, options));
}

async function runDemo(runtime: Runtime, options: DemoOptions): Promise<void> {
  const server = await runtime.startServer({ log: 'error', ...flagsOf(options) });
  try {
    const cast = await freshCast(server.client);
    await play({ runtime, server, cast, story: readStory(cast), speed: options.speed });
    if (runtime.signal.aborted) return;
    await runtime.terminal.write(questionsOf(server.url, cast, server.folder));
    if (!options.exit) await interrupted(runtime.signal);
  } finally {
    await server.close();
  }
}

interface Performance {
  readonly runtime: Runtime;
  readonly server: RunningServer;
  readonly cast: Cast;
  readonly story: Story;
  readonly speed: number;
}

/** Until the story is told and shown, or the signal. */
async function play(performance: Performance): Promise<void> {
  const { runtime, server, cast, story, speed } = performance;
  const { terminal } = runtime;
  const finished = new AbortController();
  const signal = AbortSignal.any([runtime.signal, finished.signal]);
  const { ledger } = await server.client.ask<{ ledger: { head: string } }>('{ ledger { head } }');
  const stage: Stage = { answer: { cluster: null, incident: null, components: [] }, events: [], position: 0 };
  const tempo: Tempo = { startMs: nowMs(), speed, nowMs };
  const show = terminal.isInteractive ? picture(performance, stage, tempo) : lines(performance, stage, tempo);
  await terminal.write(show.begin);
  const audience = { stage, after: ledger.head, onEvent: show.onEvent };
  const showing = Promise.all([follow(server.client, cast, audience, signal), tick(show.draw, signal)]);
  try {
    const telling = tell(story, server.client, tempo, signal).then(async (position) => {
      while (stage.position < position && !signal.aborted) await rest(REDRAW_MS, signal);
      if (terminal.isInteractive) await rest(LAST_PICTURE_MS / speed, signal);
    });
    await Promise.race([telling, showing]);
  } finally {
    finished.abort();
    await Promise.allSettled([showing]);
    if (terminal.isInteractive) await terminal.write(SHOW_CURSOR);
  }
}

interface Show {
  readonly begin: string;
  onEvent(event: DemoEvent): Promise<void>;
  draw(): Promise<void>;
}

/** A picture that is drawn anew in its place. */
function picture({ runtime, server, cast, story }: Performance, stage: Stage, tempo: Tempo): Show {
  const { terminal } = runtime;
  const paint = painter(terminal.color);
  const places = placesOf(server.url, cast);
  const { columns, rows = ROWS_DEFAULT } = terminal;
  return {
    begin: CLEAR,
    onEvent: async () => {},
    async draw() {
      const offsetMs = offsetOf(tempo);
      const shown: Picture = {
        ...{ answer: stage.answer, events: stage.events, componentId: cast.componentId, places },
        ...{ caption: captionAt(story, offsetMs), clockThen: clockThen(offsetMs), progress: offsetMs / story.lengthMs },
      };
      // The last row is left free: a line end in it would move the picture up.
      const frame = drawFrame(shown, { columns, rows: rows - 1, paint, nowMs: nowMs() });
      await terminal.write(`${HOME}${frame.map((line) => `${line}${LINE_END}`).join('')}${CLEAR_BELOW}`);
    },
  };
}

/** Lines, one below the other: for a file, a pipe, a log. */
function lines({ runtime, server, cast, story }: Performance, stage: Stage, tempo: Tempo): Show {
  const { terminal }: { terminal: Terminal } = runtime;
  let caption = '';
  let state: string | null = null;
  return {
    begin: `Musterbook demo: Spreedly, 13 December 2022, moved to now\n${placesOf(server.url, cast).join('\n')}\n`,
    async onEvent(event) {
      await terminal.write(`${eventLine(event)}\n`);
      const changed = stateLine(stage.answer, cast.componentId);
      if (changed === state || changed === null) return;
      state = changed;
      await terminal.write(`${changed}\n`);
    },
    async draw() {
      const offsetMs = offsetOf(tempo);
      const now = captionAt(story, offsetMs);
      if (now === caption) return;
      caption = now;
      await terminal.write(`${captionLine(now, clockThen(offsetMs))}\n`);
    },
  };
}

function captionAt({ captions }: Story, offsetMs: number): string {
  return captions.findLast((caption) => caption.offsetMs <= offsetMs)?.text ?? '';
}

function offsetOf({ startMs, speed }: Tempo): number {
  return (nowMs() - startMs) * speed;
}

function nowMs(): number {
  return systemClock() / 1000;
}

async function tick(draw: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await draw();
    await rest(REDRAW_MS, signal);
  }
  await draw();
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {});
}

function readSpeed(text: string): number {
  const speed = Number(text);
  if (Number.isFinite(speed) && speed > 0 && speed <= 1_000) return speed;
  throw new InvalidArgumentError('Give a factor above 0, at most 1000.');
}
