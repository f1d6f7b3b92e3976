/** `musterbook replay`: a cluster's history told again, as a picture that moves, as lines, or as frames. */
import { type Command, InvalidArgumentError } from 'commander';
import { stringify as stringifyYaml } from 'yaml';
import { parseTime } from '../../schemas/time.ts';
import type { Subscription } from './client/client.ts';
import { settingsOf, withClient, withOutput, withSettings } from './options.ts';
import { type Format, isForPeople } from './print/format.ts';
import { type Asked, CURSORS, DRAWN, type DrawnFrame, WHOLE } from './replay/frames.ts';
import { replayLines } from './replay/lines.ts';
import { showPicture } from './replay/picture.ts';
import type { Runtime, Terminal } from './runtime.ts';

interface ReplayOptions {
  readonly from: string;
  readonly to: string;
  readonly speed: number;
  readonly skipIdle?: boolean;
  readonly knownAt?: string;
  readonly output: Format;
}

export function addReplay(program: Command, runtime: Runtime): void {
  withSettings(withOutput(program.command('replay <cluster>')))
    .description("a cluster's history told again, event by event, with the cluster after each")
    .requiredOption('--from <time>', 'begin after this time, such as 2022-12-13T20:10:00Z', readTime)
    .requiredOption('--to <time>', 'end with this time; it must have come', readTime)
    .option('--speed <factor>', '1 as it happened, 60 a minute in a second, 0 as fast as it is read', readSpeed, 1)
    .option('--skip-idle', 'wait no longer than a second for the next event')
    .option('--known-at <time>', 'only what was known at this time; absent: now', readTime)
    .action(async (cluster: string, options: ReplayOptions) => {
      await withClient(runtime.openForReading(settingsOf(runtime, options)), async (client) => {
        const asked = askedOf(cluster, options);
        const subscription = subscriptionOf(asked, options);
        if (isForPeople(options.output) && runtime.terminal.isInteractive) {
          await showPicture((signal) => client.watch<DrawnFrame>(subscription, signal), asked, runtime);
        } else await printFrames(client.watch<DrawnFrame>(subscription, runtime.signal), options.output, runtime);
      });
    });
}

function askedOf(cluster: string, { from, to, speed, skipIdle = false }: ReplayOptions): Asked {
  return { cluster, from, to, speed, skipIdle };
}

function subscriptionOf({ cluster, ...range }: Asked, { knownAt, output }: ReplayOptions): Subscription {
  const document = isForPeople(output) ? DRAWN : output === 'name' ? CURSORS : WHOLE;
  return {
    document,
    field: 'replay',
    variables: { cluster, ...range, ...(knownAt !== undefined && { knownAt }) },
    ends: true,
    resumeWith: (frame: DrawnFrame) => ({ knownAt: frame.knownAt }),
  };
}

async function printFrames(frames: AsyncIterable<DrawnFrame>, output: Format, { terminal }: Runtime): Promise<void> {
  if (output === 'json') return printArray(frames, terminal);
  if (isForPeople(output)) {
    for await (const line of replayLines(frames)) await terminal.write(`${line}\n`);
    return;
  }
  for await (const frame of frames) await terminal.write(textOf(frame, output));
}

function textOf(frame: DrawnFrame, output: Format): string {
  if (output === 'name') return `event/${frame.cursor}\n`;
  return output === 'yaml' ? `---\n${stringifyYaml(frame)}` : `${JSON.stringify(frame)}\n`;
}

/** One JSON array, a frame a line, whole also where it was interrupted. */
async function printArray(frames: AsyncIterable<object>, terminal: Terminal): Promise<void> {
  let before = '[\n';
  for await (const frame of frames) {
    await terminal.write(`${before}${JSON.stringify(frame)}`);
    before = ',\n';
  }
  await terminal.write(before === '[\n' ? '[]\n' : '\n]\n');
}

function readTime(text: string): string {
  if (typeof parseTime(text) === 'number') return text;
  throw new InvalidArgumentError('Give a time with its zone, such as 2022-12-13T20:10:00Z.');
}

function readSpeed(text: string): number {
  const speed = Number(text);
  if (text.trim() !== '' && Number.isFinite(speed) && speed >= 0) return speed;
  throw new InvalidArgumentError('Give a number from 0 on: 1 as it happened, 0 as fast as it is read.');
}
