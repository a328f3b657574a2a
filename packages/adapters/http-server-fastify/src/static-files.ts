import { statSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { StaticFiles } from '@monsta/ports';
import type { FastifyInstance } from 'fastify';

/** Build tools put a content hash into these names, so that what was fetched once stays true for ever. */
const HASHED = /[\\/]_next[\\/]static[\\/]|[.-][0-9a-f]{8,}\.[a-z0-9]+$/;
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Kept, but asked about each time (ETag): a new release shows at once. */
const REVALIDATE = 'no-cache';

/** Null when the directory can be served, else what is wrong with it. */
export function staticFilesProblem({ directory }: StaticFiles): string | null {
  const stats = statSync(directory, { throwIfNoEntry: false });
  if (stats === undefined) return `the folder of static files ${directory} does not exist`;
  return stats.isDirectory() ? null : `${directory} is no folder of static files`;
}

/** Serves a folder: `index.html` for folders, `page.html` for `/page`, nothing hidden, nothing outside. */
export async function registerStaticFiles(app: FastifyInstance, files: StaticFiles): Promise<void> {
  await app.register(fastifyStatic, {
    root: files.directory,
    prefix: files.prefix.endsWith('/') ? files.prefix : `${files.prefix}/`,
    decorateReply: false,
    index: 'index.html',
    extensions: ['html'],
    redirect: true,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders(reply, path) {
      reply.header('cache-control', HASHED.test(path) ? IMMUTABLE : REVALIDATE);
      reply.header('x-content-type-options', 'nosniff');
      for (const [name, value] of Object.entries(files.headers ?? {})) reply.header(name, value);
    },
  });
}
