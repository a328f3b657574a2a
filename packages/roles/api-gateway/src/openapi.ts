import { errorSchema } from '@monsta/contracts';
import { z } from 'zod';
import type { ApiRoute, ReplySpec } from './route.ts';

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: unknown;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: unknown }>>;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, { readonly schema: unknown }>>;
  };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

const DESCRIPTION = [
  'Market data, predictions, decisions, orders and the account of this MONSTA, and its kill switch.',
  'Prices and quantities are exact decimals as text, times are milliseconds since the epoch (UTC), lists come as items with nextCursor.',
  'What is not known is null, with the reason beside it. Live data: the WebSocket at /ws.',
].join(' ');

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, '~standard': _standard, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

/** `GET /api/v1/trading/state` → `getTradingState`. */
const operationId = ({ method, path }: ApiRoute): string =>
  path
    .replace(/^\/api\/v\d+/, '')
    .split(/[^a-z0-9]+/i)
    .filter((word) => word !== '')
    .reduce((name, word) => name + word.charAt(0).toUpperCase() + word.slice(1), method.toLowerCase());

function parameters({ query, params = {} }: ApiRoute): OpenApiParameter[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  const ofPath = Object.entries(params).map(([name, description]) => ({
    ...({ name, in: 'path', required: true, description } as const),
    schema: { type: 'string' },
  }));
  const ofQuery = Object.entries(properties).map(([name, property]) => {
    const description = typeof property === 'object' ? property.description : undefined;
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: property,
    } as const;
  });
  return [...ofPath, ...ofQuery];
}

const contentOf = ({ content }: ReplySpec): OpenApiResponse['content'] =>
  typeof content === 'string'
    ? { [content]: { schema: { type: 'string' } } }
    : { 'application/json': { schema: jsonSchema(content, 'output') } };

const ERROR_REPLY: OpenApiResponse = {
  description: 'Refused: code and message say why',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

function operation(route: ApiRoute): OpenApiOperation {
  const failures = route.failureStatuses.map((status) => [String(status), ERROR_REPLY] as const);
  const replies = Object.entries(route.replies).map(
    ([status, spec]) => [status, { description: spec.description, content: contentOf(spec) }] as const,
  );
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    parameters: parameters(route),
    ...(route.body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchema(route.body, 'input') } },
          } as const,
        }),
    responses: Object.fromEntries([...failures, ...replies]),
    ...(route.access === 'admin' ? { security: [{ adminToken: [] }] } : {}),
  };
}

/** The route table as an OpenAPI 3.1 document: one source for what is served, checked and told. */
export function openApiDocument(routes: readonly ApiRoute[], version: string): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes) {
    const methods = (paths[route.path.replaceAll(/:(\w+)/g, '{$1}')] ??= {});
    methods[route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'MONSTA', version, description: DESCRIPTION },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Error: jsonSchema(errorSchema, 'output') },
      securitySchemes: {
        adminToken: { type: 'http', scheme: 'bearer', description: 'The admin token shown at the first start' },
      },
    },
  };
}
