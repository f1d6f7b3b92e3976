/** What may be said of a component, and what is refused. */
import { describe, test } from 'node:test';
import type { Story } from '../support/events.ts';
import { given, iso } from './given.ts';

const componentId = 'api';
const nothing = () => {};
function registered(story: Story) {
  story.component()('ComponentRegistered', { name: 'API' });
}
function retired(story: Story) {
  registered(story);
  story.component()('ComponentRetired', {});
}

describe('components', () => {
  test('a new id is registered', () => {
    given(nothing)
      .when('registerComponent', { componentId, name: 'API', group: 'Core', clusterId: 'payments', jobIds: ['web'] }, 5)
      .decides({
        type: 'ComponentRegistered',
        time: 5,
        data: { name: 'API', group: 'Core', clusterId: 'payments', jobIds: ['web'] },
      });
  });

  test('an id that exists is not registered again', () => {
    given(registered).when('registerComponent', { componentId, name: 'API' }).refused('IllegalTransition');
  });

  test('a retired one may come back', () => {
    given(retired).when('registerComponent', { componentId, name: 'API' }).done();
  });

  test('a blank name says nothing', () => {
    given(nothing).when('registerComponent', { componentId, name: ' ' }).refused('InvalidInput', { path: '/name' });
  });

  test('a status is stated at its time', () => {
    given(registered)
      .when('setComponentStatus', { componentId, status: 'major_outage', reason: 'disk', at: iso(7) })
      .decides({ type: 'ComponentStatusChanged', time: 7, data: { status: 'major_outage', reason: 'disk' } });
  });

  test('one that nobody registered is unknown', () => {
    given(nothing)
      .when('setComponentStatus', { componentId, status: 'operational' })
      .refused('UnknownSubject', { id: componentId, code: 'UNKNOWN_COMPONENT' });
    given(nothing).when('retireComponent', { componentId }).refused('UnknownSubject', { id: componentId });
  });

  test('a retired one has no status and is not retired again', () => {
    given(registered)
      .when('retireComponent', { componentId, reason: 'gone' }, 50)
      .decides({ type: 'ComponentRetired', time: 50, data: { reason: 'gone' } });
    given(retired).when('retireComponent', { componentId }).refused('IllegalTransition', { from: 'retired' });
    given(retired)
      .when('setComponentStatus', { componentId, status: 'operational' })
      .refused('IllegalTransition', { from: 'retired' });
  });

  test('a status of the future is refused', () => {
    given(registered)
      .when('setComponentStatus', { componentId, status: 'operational', at: iso(200) }, 100)
      .refused('InvalidInput', { path: '/at' });
  });
});
