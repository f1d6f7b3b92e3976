/** An incident on a terminal. */
import type { IncidentItem } from './incident.ts';
import type { Look } from './print/format.ts';
import { table } from './print/table.ts';
import { duration, moment, plain } from './print/text.ts';

/** Whole lines. */
export function drawIncident(incident: IncidentItem, look: Look): string {
  const { paint } = look;
  const { asOf, status } = incident;
  const state = paint(status ?? 'status not stated', status === 'resolved' ? 'green' : 'red', 'bold');
  const facts: (readonly [string, string])[] = [
    ['impact', [incident.impact, incident.severity].filter(Boolean).map(plain).join(', ')],
    ['affected', impactText(incident)],
    ['declared', `${moment(incident.declaredAt)}${incident.origin ? ` (${plain(incident.origin)})` : ''}`],
    ['resolved', moment(incident.resolvedAt)],
    ['visibility', incident.visibility],
    ['clusters', incident.clusters.map(({ id }) => plain(id)).join(', ')],
    [
      'components',
      incident.components
        .map(({ component, status: now }) => `${plain(component.name)}${now ? ` (${now})` : ''}`)
        .join(', '),
    ],
    ['duplicate of', plain(incident.duplicateOf?.id)],
    ['measures', incident.measures.map(measureText).join(', ')],
  ];
  const lines = facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${paint(name.padEnd(13), 'dim')}${value}\n`);
  const sections = [
    `${paint(plain(incident.title), 'bold')}  ${state}  ${paint(`incident ${plain(incident.id)}, as of ${moment(asOf.recordedAt)}, position ${asOf.position}`, 'dim')}\n${lines.join('')}`,
    drawUpdates(incident, look),
    drawPeople(incident, look),
    drawActions(incident, look),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function impactText({ impactStartedAt, impactEndedAt, impactOpen }: IncidentItem): string {
  if (!impactStartedAt && !impactEndedAt) return impactOpen ? 'now' : '';
  const until = impactEndedAt ? moment(impactEndedAt) : impactOpen ? 'now' : '';
  return `${impactStartedAt ? moment(impactStartedAt) : 'its declaration'} to ${until || 'its end'}`;
}

function measureText({ name, ms, msMax }: IncidentItem['measures'][number]): string {
  const range = ms === msMax ? duration(ms / 1000) : `${duration(ms / 1000)} to ${duration(msMax / 1000)}`;
  return `${name} ${range}`;
}

function drawUpdates({ updates }: IncidentItem, look: Look): string {
  if (updates.length === 0) return '';
  const rows = table(
    updates,
    [
      { title: 'AT', cell: ({ at }) => moment(at) },
      { title: 'RECORDED', wide: true, cell: ({ recordedAt }) => moment(recordedAt) },
      { title: 'STATUS', cell: ({ status }) => plain(status) },
      { title: 'BY', wide: true, cell: ({ by }) => plain(by) },
      { title: 'ID', wide: true, cell: ({ id }) => plain(id) },
      {
        title: 'POST',
        cell: ({ message, amendments }) =>
          `${plain(message)}${amendments.length > 0 ? look.paint(' (amended)', 'dim') : ''}`,
      },
    ],
    { ...look, indent: '  ' },
  );
  return `${look.paint('UPDATES', 'bold')}\n${rows}`;
}

function drawPeople({ responders }: IncidentItem, look: Look): string {
  if (responders.length === 0) return '';
  const rows = table(
    responders,
    [
      { title: 'RESPONDER', cell: ({ responder }) => plain(responder) },
      { title: 'ROLE', cell: ({ role }) => plain(role) },
      { title: 'NOTIFIED', cell: ({ notifiedAt }) => moment(notifiedAt) },
      { title: 'ACKNOWLEDGED', cell: ({ acknowledgedAt }) => moment(acknowledgedAt) },
    ],
    { ...look, indent: '  ' },
  );
  return `${look.paint('RESPONDERS', 'bold')}\n${rows}`;
}

function drawActions({ actionItems }: IncidentItem, look: Look): string {
  if (actionItems.length === 0) return '';
  const rows = table(
    actionItems,
    [
      { title: 'DONE', cell: ({ completedAt }) => (completedAt ? look.paint('yes', 'green') : 'no') },
      { title: 'ACTION', cell: ({ title }) => plain(title) },
      { title: 'KIND', cell: ({ kind }) => plain(kind) },
      { title: 'OWNER', cell: ({ owner }) => plain(owner) },
    ],
    { ...look, indent: '  ' },
  );
  return `${look.paint('ACTION ITEMS', 'bold')}\n${rows}`;
}
