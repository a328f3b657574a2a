import { httpServerConformance, silentTelemetry } from '@monsta/testkit';
import { createHttpServer } from './http-server.ts';

httpServerConformance('the HTTP server on Fastify', () => createHttpServer({ logger: silentTelemetry().logger }));
