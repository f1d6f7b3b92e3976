/** Showing an answer once, or again whenever the ledger moves. */
import type { Client, Variables } from './client/client.ts';
import { askedMoment, atMoment, type ReadingOptions, settingsOf, withClient } from './options.ts';
import {
  formatItem,
  formatList,
  type ItemShape,
  isForPeople,
  type ListShape,
  printAgain,
  printItem,
  printList,
} from './print/format.ts';
import type { Runtime } from './runtime.ts';

/** `variables`: the document's `$moment` and `$atLeast`. */
type Read<Answer> = (client: Client, variables: Variables) => Promise<Answer>;

const TICKS = 'subscription Ticks($after: Position) { events(after: $after) { cursor } }';

export async function showList<Row>(
  runtime: Runtime,
  options: ReadingOptions,
  { shape: general, read }: { readonly shape: ListShape<Row>; readonly read: Read<readonly Row[]> },
): Promise<void> {
  const { output } = options;
  const shape = { ...general, ...atMoment(askedMoment(options)).seenFrom };
  await show(runtime, options, {
    read,
    once: (rows) => printList(rows, output, shape, runtime.terminal),
    again: (rows) =>
      rows.length === 0 && isForPeople(output) ? `${shape.none}\n` : formatList(rows, output, shape, runtime.terminal),
  });
}

export async function showItem<Item>(
  runtime: Runtime,
  options: ReadingOptions,
  { shape: general, read }: { readonly shape: ItemShape<Item>; readonly read: Read<Item> },
): Promise<void> {
  const { output } = options;
  const shape = { ...general, ...atMoment(askedMoment(options)).seenFrom };
  await show(runtime, options, {
    read,
    once: (item) => printItem(item, output, shape, runtime.terminal),
    again: (item) => formatItem(item, output, shape, runtime.terminal),
  });
}

interface Shown<Answer> {
  readonly read: Read<Answer>;
  readonly once: (answer: Answer) => Promise<void>;
  readonly again: (answer: Answer) => string;
}

async function show<Answer>(runtime: Runtime, options: ReadingOptions, shown: Shown<Answer>): Promise<void> {
  const { variables } = atMoment(askedMoment(options));
  await withClient(runtime.openForReading(settingsOf(runtime, options)), async (client) => {
    const answer = await shown.read(client, variables);
    if (!options.watch) return shown.once(answer);
    await printAgain(shown.again(answer), options.output, runtime.terminal);
    for await (const cursor of moves(client, runtime.signal)) {
      const newer = await shown.read(client, { atLeast: cursor });
      await printAgain(shown.again(newer), options.output, runtime.terminal);
    }
  });
}

/** The newest cursor, each time the ledger has moved since the last one was taken: many events may make one move. */
async function* moves(client: Client, signal: AbortSignal): AsyncGenerator<string> {
  let newest: string | null = null;
  let bell = Promise.withResolvers<void>();
  let isOver = false;
  let failure: unknown = null;
  const listen = async (): Promise<void> => {
    try {
      for await (const { cursor } of client.watch<{ cursor: string }>(
        { document: TICKS, field: 'events', variables: {} },
        signal,
      )) {
        newest = cursor;
        bell.resolve();
      }
    } catch (error) {
      failure = error;
    }
    isOver = true;
    bell.resolve();
  };
  void listen();
  for (;;) {
    await bell.promise;
    bell = Promise.withResolvers();
    if (newest !== null) {
      const cursor: string = newest;
      newest = null;
      yield cursor;
    }
    if (failure !== null) throw failure;
    if (isOver && newest === null) return;
  }
}
