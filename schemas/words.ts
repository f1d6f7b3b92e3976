/** The fixed lists of words that events and commands use. The status words are those of the Statuspage API. */
export const INCIDENT_STATUSES = ['investigating', 'identified', 'monitoring', 'resolved'] as const;
export const IMPACTS = ['none', 'minor', 'major', 'critical'] as const;
export const COMPONENT_STATUSES = [
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
] as const;
export const VISIBILITIES = ['public', 'private'] as const;
export const INCIDENT_ORIGINS = ['manual', 'detector', 'alertmanager', 'import'] as const;
export const ACTION_ITEM_KINDS = ['mitigate', 'prevent', 'process', 'other'] as const;
export const NODE_KINDS = ['voter', 'learner', 'worker'] as const;
export const ELECTION_WAYS = ['elected', 'transferred', 'forced', 'bootstrapped'] as const;
export const LEADER_LOST_REASONS = [
  'stepped_down',
  'crashed',
  'partitioned',
  'lease_expired',
  'transferred',
  'removed',
  'unknown',
] as const;
export const DEPLOYMENT_OUTCOMES = ['succeeded', 'failed', 'rolled_back'] as const;
export const ANOMALY_SEVERITIES = ['info', 'warning', 'critical'] as const;

export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];
export type Impact = (typeof IMPACTS)[number];
export type ComponentStatus = (typeof COMPONENT_STATUSES)[number];
export type Visibility = (typeof VISIBILITIES)[number];
