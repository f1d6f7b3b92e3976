/** Mutations: commands, judged by deciders, and their outcomes. */
export const COMMANDS = /* GraphQL */ `
interface Refusal { code: String! message: String! }
"An incident, component, maintenance, update or event that the ledger does not know."
type UnknownSubject implements Refusal { code: String! message: String! id: ID! }
"The command does not fit the subject's present state."
type IllegalTransition implements Refusal { code: String! message: String! from: String }
"Someone else changed the subject meanwhile, again and again."
type RevisionConflict implements Refusal { code: String! message: String! position: Position! }
"A field that passes the schema but not the rules."
type InvalidInput implements Refusal { code: String! message: String! path: String! }

type IncidentPayload { position: Position! event: Event! incident: Incident! }
type ComponentPayload { position: Position! event: Event! component: Component! }
type MaintenancePayload { position: Position! event: Event! maintenance: Maintenance! }
type RetractEventPayload { position: Position! event: Event! retracted: Event! }
type AppendEventsPayload {
  appended: Int!
  duplicates: Int!
  rejected: [RejectedEvent!]!
  position: Position!
}
type RejectedEvent { index: Int! id: ID code: String! message: String! path: String }
union IncidentResult = IncidentPayload | UnknownSubject | IllegalTransition | RevisionConflict | InvalidInput
union ComponentResult = ComponentPayload | UnknownSubject | IllegalTransition | RevisionConflict | InvalidInput
union MaintenanceResult = MaintenancePayload | UnknownSubject | IllegalTransition | RevisionConflict | InvalidInput
union RetractEventResult = RetractEventPayload | UnknownSubject | IllegalTransition | InvalidInput

"CloudEvents as JSON objects."
input AppendEventsInput { events: [JSON!]! }
input IncidentComponentInput { componentId: ID! status: ComponentStatus }
input DeclareIncidentInput {
  incidentId: ID
  title: String!
  status: IncidentStatus
  impact: Impact
  severity: String
  message: String
  visibility: Visibility
  impactStartedAt: DateTime
  components: [IncidentComponentInput!]
  clusterIds: [ID!]
  dedupKey: String
  at: DateTime
  idempotencyKey: String
}
input UpdateIncidentInput {
  incidentId: ID!
  updateId: ID
  status: IncidentStatus
  message: String!
  title: String
  impact: Impact
  severity: String
  visibility: Visibility
  components: [IncidentComponentInput!]
  clusterIds: [ID!]
  impactStartedAt: DateTime
  impactEndedAt: DateTime
  duplicateOf: ID
  at: DateTime
  idempotencyKey: String
}
input ResolveIncidentInput {
  incidentId: ID!
  message: String!
  impactEndedAt: DateTime
  visibility: Visibility
  at: DateTime
  idempotencyKey: String
}
input ReopenIncidentInput {
  incidentId: ID!
  message: String!
  status: IncidentStatus
  at: DateTime
  idempotencyKey: String
}
input AmendIncidentUpdateInput {
  incidentId: ID!
  updateId: ID!
  message: String
  correctedAt: DateTime
  reason: String!
  idempotencyKey: String
}
input NotifyResponderInput {
  incidentId: ID!
  responder: String!
  channel: String!
  role: String
  at: DateTime
  idempotencyKey: String
}
input AcknowledgeIncidentInput {
  incidentId: ID!
  responder: String!
  at: DateTime
  idempotencyKey: String
}
input LinkEvidenceInput {
  incidentId: ID!
  clusterId: ID!
  from: DateTime
  to: DateTime
  note: String
  idempotencyKey: String
}
input AddActionItemInput {
  incidentId: ID!
  itemId: ID
  title: String!
  kind: String!
  owner: String
  dueAt: DateTime
  idempotencyKey: String
}
input CompleteActionItemInput { incidentId: ID! itemId: ID! at: DateTime idempotencyKey: String }
input PublishPostmortemInput {
  incidentId: ID!
  body: String!
  visibility: Visibility
  at: DateTime
  idempotencyKey: String
}
input RegisterComponentInput {
  componentId: ID
  name: String!
  group: String
  description: String
  clusterId: ID
  jobIds: [ID!]
  idempotencyKey: String
}
input SetComponentStatusInput {
  componentId: ID!
  status: ComponentStatus!
  reason: String
  at: DateTime
  idempotencyKey: String
}
input RetireComponentInput { componentId: ID! reason: String idempotencyKey: String }
input ScheduleMaintenanceInput {
  maintenanceId: ID
  title: String!
  startsAt: DateTime!
  endsAt: DateTime!
  components: [ID!]
  clusterIds: [ID!]
  message: String
  idempotencyKey: String
}
input UpdateMaintenanceInput {
  maintenanceId: ID!
  message: String!
  startsAt: DateTime
  endsAt: DateTime
  components: [ID!]
  idempotencyKey: String
}
input MaintenanceStepInput {
  maintenanceId: ID!
  message: String
  at: DateTime
  idempotencyKey: String
}
input RetractEventInput {
  event: EventRef!
  reason: String!
  "Also blank its data for good, everywhere under DATA: needs the role admin. See docs/privacy.md for what remains elsewhere."
  erase: Boolean = false
  idempotencyKey: String
}

type Mutation {
  appendEvents(input: AppendEventsInput!): AppendEventsPayload!
  declareIncident(input: DeclareIncidentInput!): IncidentResult!
  updateIncident(input: UpdateIncidentInput!): IncidentResult!
  resolveIncident(input: ResolveIncidentInput!): IncidentResult!
  reopenIncident(input: ReopenIncidentInput!): IncidentResult!
  amendIncidentUpdate(input: AmendIncidentUpdateInput!): IncidentResult!
  notifyResponder(input: NotifyResponderInput!): IncidentResult!
  acknowledgeIncident(input: AcknowledgeIncidentInput!): IncidentResult!
  linkEvidence(input: LinkEvidenceInput!): IncidentResult!
  addActionItem(input: AddActionItemInput!): IncidentResult!
  completeActionItem(input: CompleteActionItemInput!): IncidentResult!
  publishPostmortem(input: PublishPostmortemInput!): IncidentResult!
  registerComponent(input: RegisterComponentInput!): ComponentResult!
  setComponentStatus(input: SetComponentStatusInput!): ComponentResult!
  retireComponent(input: RetireComponentInput!): ComponentResult!
  scheduleMaintenance(input: ScheduleMaintenanceInput!): MaintenanceResult!
  updateMaintenance(input: UpdateMaintenanceInput!): MaintenanceResult!
  startMaintenance(input: MaintenanceStepInput!): MaintenanceResult!
  completeMaintenance(input: MaintenanceStepInput!): MaintenanceResult!
  cancelMaintenance(input: MaintenanceStepInput!): MaintenanceResult!
  retractEvent(input: RetractEventInput!): RetractEventResult!
}
`;
