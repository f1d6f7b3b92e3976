/** What failures of kafkajs mean outside, without a broker. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import kafkajs from 'kafkajs';
import { MusterbookError } from '../../src/errors.ts';
import { faultOf } from '../../src/kafka/connection.ts';

const protocol = (type: string): Error =>
  new kafkajs.KafkaJSProtocolError(Object.assign(new Error(`it says ${type}`), { type, code: 1, retriable: false }));
const lost = (message: string, code?: string): Error =>
  new kafkajs.KafkaJSConnectionError(message, { broker: 'kafka:9092', ...(code !== undefined && { code }) });
const gaveUp = (error: Error): Error =>
  new kafkajs.KafkaJSNumberOfRetriesExceeded(error, { retryCount: 5, retryTime: 100 });

describe('a failure of Kafka', () => {
  const cases: readonly (readonly [Error, string])[] = [
    [protocol('UNKNOWN_TOPIC_OR_PARTITION'), 'KAFKA_TOPIC_MISSING'],
    [protocol('INVALID_TOPIC_EXCEPTION'), 'KAFKA_TOPIC_MISSING'],
    [protocol('TOPIC_AUTHORIZATION_FAILED'), 'KAFKA_REFUSED'],
    [protocol('GROUP_AUTHORIZATION_FAILED'), 'KAFKA_REFUSED'],
    [protocol('SASL_AUTHENTICATION_FAILED'), 'KAFKA_REFUSED'],
    [Reflect.construct(kafkajs.KafkaJSSASLAuthenticationError, ['wrong']) as Error, 'KAFKA_REFUSED'],
    [
      lost('Connection error: self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN'),
      'KAFKA_REFUSED',
    ],
    [lost('Connection error: connect ECONNREFUSED', 'ECONNREFUSED'), 'KAFKA_UNREACHABLE'],
    [lost('Connection timeout'), 'KAFKA_UNREACHABLE'],
    [protocol('LEADER_NOT_AVAILABLE'), 'KAFKA_UNREACHABLE'],
    [new MusterbookError('STORAGE_FULL', 'no room'), 'STORAGE_FULL'],
    [new TypeError('x is undefined'), 'INTERNAL'],
  ];
  for (const [error, code] of cases) {
    test(`${error.message} is ${code}, also behind others`, () => {
      assert.equal(faultOf(error).code, code);
      if (error.name.startsWith('KafkaJS')) assert.equal(faultOf(gaveUp(gaveUp(error))).code, code);
    });
  }

  test('names the broker', () => {
    assert.equal(faultOf(gaveUp(lost('Connection timeout'))).message, 'Connection timeout (kafka:9092)');
  });
});
