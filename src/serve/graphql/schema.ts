/** Puts the schema together: the contract's SDL, the event types of the catalogue, scalars and resolvers. */
import {
  assertValidSchema,
  buildSchema,
  type GraphQLFieldResolver,
  GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
} from 'graphql';
import { eventTypesSdl } from './event-types.ts';
import { attachScalars } from './scalars.ts';
import { CLUSTERS } from './sdl/clusters.ts';
import { COMMANDS } from './sdl/commands.ts';
import { COMPARE } from './sdl/compare.ts';
import { EVENTS } from './sdl/events.ts';
import { INCIDENTS } from './sdl/incidents.ts';
import { POSTMORTEM } from './sdl/postmortem.ts';
import { REPLAY } from './sdl/replay.ts';
import { ROOTS } from './sdl/roots.ts';
import { TIMELINE } from './sdl/timeline.ts';

// biome-ignore lint/suspicious/noExplicitAny: graphql-js types a resolver's parent and arguments as any; each resolver states its own.
export type Resolver = GraphQLFieldResolver<any, any, any>;
/** By type, then by field. A field without a resolver is the property of its name. */
export type Resolvers = Readonly<Record<string, Readonly<Record<string, Resolver>>>>;
/** By interface or union: the name of the object type of a value. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type TypeNames = Readonly<Record<string, (value: any) => string>>;

/** The schema without behaviour, as it is printed. */
export function bareSchema(): GraphQLSchema {
  const schema = buildSchema(
    [EVENTS, CLUSTERS, INCIDENTS, ROOTS, COMPARE, TIMELINE, REPLAY, POSTMORTEM, COMMANDS, eventTypesSdl()].join('\n'),
  );
  assertValidSchema(schema);
  return schema;
}

/** The schema that answers. Throws when a resolver names a type or field that the schema does not have. */
export function executableSchema(
  resolvers: Resolvers,
  typeNames: TypeNames,
  subscribe: Readonly<Record<string, Resolver>>,
): GraphQLSchema {
  const schema = bareSchema();
  attachScalars(schema);
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!(type instanceof GraphQLObjectType)) throw new Error(`resolvers name ${typeName}, which is no object type`);
    for (const [fieldName, resolve] of Object.entries(fields)) {
      const field = type.getFields()[fieldName];
      if (!field) throw new Error(`resolvers name ${typeName}.${fieldName}, which the schema does not have`);
      field.resolve = resolve;
    }
  }
  for (const [name, begin] of Object.entries(subscribe)) {
    const field = schema.getSubscriptionType()?.getFields()[name];
    if (!field) throw new Error(`there is no subscription ${name}`);
    field.subscribe = begin;
  }
  for (const [name, nameOf] of Object.entries(typeNames)) {
    const type = schema.getType(name);
    if (!isAbstractType(type)) throw new Error(`${name} is no interface or union`);
    type.resolveType = nameOf;
  }
  return schema;
}
