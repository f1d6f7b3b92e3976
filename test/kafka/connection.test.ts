/** TLS and SASL against a real broker: what the settings say gets in, what is wrong in them is told in the link, without the password. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { KafkaOutSettings } from '../../src/egress/kafka.ts';
import { connectKafka } from '../../src/kafka/connection.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { type Broker, makeBroker } from '../support/kafka/broker.ts';
import { kafkaMissing } from '../support/kafka/jars.ts';
import { LISTENERS, type Listener, USER } from '../support/kafka/properties.ts';
import { createTopic, reaches, record, SILENT, sentAll, settingsFor, startOut } from './out.ts';

describe('TLS and SASL to Kafka', { skip: kafkaMissing() }, () => {
  let broker: Broker;
  before(async () => {
    broker = await makeBroker({ listeners: LISTENERS });
    await broker.start();
    await createTopic(broker.brokers, 'secured', 1);
  });
  after(() => broker.remove());

  const signedIn = (mechanism: KafkaOutSettings['kafkaSasl']): Partial<KafkaOutSettings> => ({
    ...{ kafkaSasl: mechanism, kafkaUsername: USER.username, kafkaPassword: USER.password },
  });
  const trusting = (): Partial<KafkaOutSettings> => ({ kafkaTls: true, kafkaCa: broker.certificates?.ca ?? '' });
  const settings = (listener: Listener, more: Partial<KafkaOutSettings>, topic = 'secured'): KafkaOutSettings =>
    settingsFor(broker.listener(listener), topic, more);

  async function topicsBy(given: KafkaOutSettings): Promise<readonly string[]> {
    const admin = connectKafka(given, { clientId: 'test', log: SILENT }).admin();
    try {
      await admin.connect();
      return await admin.listTopics();
    } finally {
      await admin.disconnect();
    }
  }

  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
    test(`${mechanism} signs in, without and with TLS`, async () => {
      assert.ok((await topicsBy(settings('SASL_PLAINTEXT', signedIn(mechanism)))).includes('secured'));
      const both = { ...signedIn(mechanism), ...trusting() };
      assert.ok((await topicsBy(settings('SASL_SSL', both))).includes('secured'));
    });
  }

  test('TLS works with an authority of our own, and with a certificate of our own', async () => {
    assert.ok((await topicsBy(settings('SSL', trusting()))).includes('secured'));
    const { clientCert = '', clientKey = '' } = broker.certificates ?? {};
    const own = { ...trusting(), kafkaCert: clientCert, kafkaKey: clientKey };
    assert.ok((await topicsBy(settings('SSL', own))).includes('secured'));
  });

  test('Kafka-out works over SASL and TLS', async (t) => {
    await createTopic(broker.brokers, 'sent', 1);
    const ledger = openMemoryLedger();
    await record(ledger, [0, 20]);
    const out = startOut(ledger, settings('SASL_SSL', { ...signedIn('scram-sha-512'), ...trusting() }, 'sent'));
    t.after(() => out.close());
    await sentAll(ledger, [out]);
    assert.equal(out.link.status().state, 'up');
  });

  const wrong: readonly (readonly [
    what: string,
    listener: Listener,
    more: () => Partial<KafkaOutSettings>,
    says: RegExp,
  ])[] = [
    ...(['plain', 'scram-sha-256'] as const).map(
      (mechanism) =>
        [
          `a wrong password by ${mechanism}`,
          'SASL_PLAINTEXT',
          () => ({ ...signedIn(mechanism), kafkaPassword: 'not-the-password' }),
          /authentication/i,
        ] as const,
    ),
    ['an authority that is not known', 'SSL', () => ({ kafkaTls: true }), /certificate/i],
    [
      'a file that is not there',
      'SSL',
      () => ({ kafkaTls: true, kafkaCa: join(import.meta.dirname, 'nowhere.pem') }),
      /MUSTERBOOK_KAFKA_CA cannot be read \(ENOENT\)/,
    ],
  ];
  for (const [what, listener, more, says] of wrong) {
    test(`${what} is told as refused`, async (t) => {
      const ledger = openMemoryLedger();
      await record(ledger, [0, 1]);
      const out = startOut(ledger, settings(listener, more()));
      t.after(() => out.close());
      const refused = await reaches(out, ({ fault }) => fault?.code === 'KAFKA_REFUSED', 'it is refused');
      assert.equal(refused.state, 'retrying');
      assert.match(refused.fault?.message ?? '', says);
      assert.doesNotMatch(JSON.stringify(refused), /not-the-password/);
      assert.equal(refused.counts['records'], 0);
    });
  }

  test('what was refused is tried again', async (t) => {
    const ledger = openMemoryLedger();
    const out = startOut(
      ledger,
      settings('SASL_PLAINTEXT', { ...signedIn('plain'), kafkaPassword: 'not-the-password' }),
    );
    t.after(() => out.close());
    await reaches(out, ({ counts }) => (counts['failures'] ?? 0) >= 2, 'it is tried again');
  });
});
