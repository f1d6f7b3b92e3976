/** Ninety days of a page with twenty components: an incident and a maintenance every few days, some of it still open. */

const COMPONENTS = 20;
const DAYS = 90;
const DAY_MS = 86_400_000;

export function statusStory(nowMs: number): readonly object[] {
  const events: object[] = [];
  const at = (daysAgo: number): string => new Date(nowMs - daysAgo * DAY_MS).toISOString();
  for (let index = 0; index < COMPONENTS; index += 1) {
    const data = { name: `Component ${index}`, group: `Group ${index % 4}`, description: 'What it is for' };
    events.push({ type: 'ComponentRegistered', subject: `c${index}`, time: at(DAYS + 1), data });
  }
  for (let day = DAYS; day > 0; day -= 2) {
    const subject = `i${day}`;
    const components = [{ componentId: `c${day % COMPONENTS}`, status: 'partial_outage' }];
    const said = { title: `Trouble ${day}`, status: 'investigating', impact: 'minor', message: 'We look into it.' };
    events.push(
      { type: 'IncidentDeclared', subject, time: at(day), data: { ...said, origin: 'manual', components } },
      { type: 'IncidentUpdated', subject, time: at(day - 0.05), data: { message: 'Found.', status: 'identified' } },
    );
    if (day === 2) continue;
    const over = { message: 'It is over.', status: 'resolved' };
    events.push({ type: 'IncidentUpdated', subject, time: at(day - 0.1), data: over });
  }
  for (let day = DAYS; day > 0; day -= 15) {
    const planned = { title: `Work ${day}`, message: 'Planned work.', startsAt: at(day - 1), endsAt: at(day - 1.1) };
    const components = [{ componentId: `c${day % COMPONENTS}` }];
    events.push({ type: 'MaintenanceScheduled', subject: `m${day}`, time: at(day), data: { ...planned, components } });
  }
  return events;
}
