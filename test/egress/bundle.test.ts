/** What belongs into an incident's bundle, and what is left out of it. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { readEnds } from '../../src/ledger/verify.ts';
import { bodyOf, bundleOf, headerOf, incidentLedger, proved, STEPS, timeAt } from '../support/bundles.ts';

interface Shown {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly id: string;
  readonly data?: object;
  readonly withheld?: boolean;
}

const linesOf = (bundle: string): readonly Shown[] => bodyOf(bundle).map((line) => JSON.parse(line) as Shown);

function shownOf(bundle: string, stream: string): readonly string[] {
  return linesOf(bundle).flatMap((line) => (line.stream === stream && !line.withheld ? [line.id] : []));
}

test('the window reaches from the incident to its end, with the margin on both sides', async () => {
  const bundle = await bundleOf(await incidentLedger());
  const { from, to } = JSON.parse(headerOf(bundle)) as { from: string; to: string };
  deepEqual([from, to], [timeAt(-15), timeAt(45)]);
  const wider = JSON.parse(headerOf(await bundleOf(await incidentLedger(), { marginMicros: 0 }))) as typeof bundle & {
    from: string;
  };
  equal(wider.from, timeAt(0));
});

test('a stated start of impact and linked evidence widen it; what is not over reaches to the head', async () => {
  const evidence = { clusterId: 'elsewhere', from: timeAt(-100), to: timeAt(50) };
  const linked = [...STEPS, [130, 'incident', 'outage', 'EvidenceLinked', evidence] as const];
  const bundle = await bundleOf(await incidentLedger(linked), { marginMicros: 0 });
  const header = JSON.parse(headerOf(bundle)) as { from: string; to: string };
  deepEqual([header.from, header.to], [timeAt(-100), timeAt(50)]);
  deepEqual(shownOf(bundle, 'cluster-elsewhere'), ['elsewhere-4']);
  const open = STEPS.filter(([at]) => at !== 30);
  equal(
    (JSON.parse(headerOf(await bundleOf(await incidentLedger(open), { marginMicros: 0 }))) as { to: string }).to,
    timeAt(120),
  );
});

test('it holds the whole incident, its clusters in the window, and what else concerns it', async () => {
  const bundle = await bundleOf(await incidentLedger());
  deepEqual(shownOf(bundle, 'incident-outage'), ['outage0', 'outage6', 'outage30', 'outage31']);
  deepEqual(shownOf(bundle, 'component-api'), ['api-300', 'api5']);
  deepEqual(shownOf(bundle, 'maintenance-upgrade'), ['upgrade-3', 'upgrade-2']);
  deepEqual(shownOf(bundle, 'collector-test://collector'), ['test://collector7']);
  const streams = new Set(linesOf(bundle).map(({ stream }) => stream));
  deepEqual([...streams].sort(), [
    'cluster-web',
    'collector-test://collector',
    'component-api',
    'incident-outage',
    'maintenance-upgrade',
  ]);
});

test('a retraction comes with the event that it takes back; what lies between is there without its data', async () => {
  const bundle = await bundleOf(await incidentLedger());
  deepEqual(shownOf(bundle, 'cluster-web'), ['web-10', 'web-5', 'web2', 'wrong', 'web20', 'web40', 'web91']);
  const withheld = linesOf(bundle).filter((line) => line.withheld);
  deepEqual(
    withheld.map(({ id }) => id),
    ['api-200', 'web60', 'web90'],
  );
  ok(withheld.every(({ data }) => data === undefined));
});

test('lines stand in the order of the ledger, each stream without a hole, and verify', async () => {
  const bundle = await bundleOf(await incidentLedger());
  const positions = linesOf(bundle).map(({ position }) => position);
  deepEqual(
    positions,
    positions.toSorted((left, right) => left - right),
  );
  const found = await proved(bundle);
  deepEqual([found.ok, found.incident, found.events, found.withheld], [true, 'outage', positions.length, 3]);
  deepEqual([found.originProved, found.signature], [false, null]);
  deepEqual(
    found.streams.find(({ stream }) => stream === 'cluster-web'),
    { stream: 'cluster-web', from: 3, to: 11, provedTo: null },
  );
});

test('what is public shows no cluster, no gap and no private word, and still verifies', async () => {
  const bundle = await bundleOf(await incidentLedger(), { isPublic: true });
  deepEqual(shownOf(bundle, 'incident-outage'), ['outage0', 'outage30']);
  ok(!/Only for us|pager|cluster-web|collector-/.test(bundle));
  deepEqual(shownOf(bundle, 'component-api'), ['api-300', 'api5']);
  equal((await proved(bundle)).ok, true);
});

test('an incident declared private shows its public posts alone', async () => {
  const steps = STEPS.map((step) =>
    step[3] === 'IncidentDeclared' && step[2] === 'outage'
      ? ([step[0], step[1], step[2], step[3], { ...step[4], title: 'Secret', visibility: 'private' }] as const)
      : step,
  );
  const bundle = await bundleOf(await incidentLedger(steps), { isPublic: true });
  deepEqual(shownOf(bundle, 'incident-outage'), []);
  ok(!bundle.includes('Secret'));
});

test('a checkpoint takes every stream to its end there and proves where the bundle is from', async () => {
  const ledger = await incidentLedger();
  const bundle = await bundleOf(ledger, { origin: await readEnds(ledger) });
  const found = await proved(bundle);
  deepEqual(
    [found.ok, found.originProved, found.signature?.isSigned],
    [true, true, false],
    JSON.stringify(found.findings),
  );
  equal(found.streams.find(({ stream }) => stream === 'cluster-web')?.provedTo, 12);
  match(bundle, /\n\{"end":"cluster-elsewhere"/);
});

test('a checkpoint from before its end proves the part that it knows', async () => {
  const ledger = await incidentLedger();
  const at = (await ledger.eventByKey({ source: 'test://collector', id: 'web2' }))?.position;
  const bundle = await bundleOf(ledger, { origin: await readEnds(ledger, at === undefined ? {} : { upTo: at }) });
  const found = await proved(bundle);
  deepEqual([found.ok, found.originProved], [true, false], JSON.stringify(found.findings));
  deepEqual(found.streams.map(({ stream, provedTo }) => [stream, provedTo]).sort(), [
    ['cluster-web', 5],
    ['collector-test://collector', null],
    ['component-api', 1],
    ['incident-outage', 0],
    ['maintenance-upgrade', 1],
  ]);
});

test('an incident that the ledger does not hold gives nothing', async () => {
  equal(await bundleOf(await incidentLedger(), { incident: 'unknown' }), '');
});
