import type { HttpRoute, WebSocketRoute } from '@monsta/ports';

/** A route of HTTP and the path parameters it was found with, decoded. */
export interface FoundRoute {
  readonly route: HttpRoute;
  readonly params: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly route: HttpRoute;
  readonly segments: readonly string[];
  /** One letter a segment: s(tatic) before t(aken as a parameter) before u(nlimited rest). */
  readonly kinds: string;
}

const kindOf = (segment: string): string => (segment === '*' ? 'u' : segment.startsWith(':') ? 't' : 's');

function patternOf(route: HttpRoute): Pattern {
  const segments = route.path.split('/');
  return { route, segments, kinds: segments.map(kindOf).join('') };
}

/** Raw parameters of a path that fits; null where it does not. */
function fit({ segments }: Pattern, path: readonly string[]): Readonly<Record<string, string>> | null {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if (segment === '*') {
      if (path.length <= index) return null;
      params['*'] = path.slice(index).join('/');
      return params;
    }
    const part = path[index];
    if (part === undefined) return null;
    if (!segment.startsWith(':')) {
      if (part !== segment) return null;
    } else if (part === '') return null;
    else params[segment.slice(1)] = part;
  }
  return path.length === segments.length ? params : null;
}

/** Finds routes as a router does: what is spelled out goes before parameters, those before `*`. */
export class RouteFinder {
  readonly #static = new Map<string, HttpRoute>();
  readonly #patterns: readonly Pattern[];
  readonly #exactSockets: ReadonlyMap<string, WebSocketRoute>;
  readonly #prefixSockets: readonly WebSocketRoute[];

  constructor(routes: readonly HttpRoute[], webSockets: readonly WebSocketRoute[]) {
    const patterns: Pattern[] = [];
    for (const route of routes) {
      const pattern = patternOf(route);
      if (/[tu]/.test(pattern.kinds)) patterns.push(pattern);
      else this.#static.set(`${route.method} ${route.path}`, route);
    }
    this.#patterns = patterns.sort((left, right) => (left.kinds < right.kinds ? -1 : 1));
    this.#exactSockets = new Map(webSockets.map((route) => [route.path, route]));
    this.#prefixSockets = webSockets
      .filter(({ path }) => path.endsWith('/*'))
      .sort((left, right) => right.path.length - left.path.length);
  }

  /** Null where no route has this method and path. Throws `URIError` for a parameter with a broken escape. */
  http(method: string, path: string): FoundRoute | null {
    const exact = this.#static.get(`${method} ${path}`);
    if (exact !== undefined) return { route: exact, params: {} };
    const parts = path.split('/');
    for (const pattern of this.#patterns) {
      if (pattern.route.method !== method) continue;
      const raw = fit(pattern, parts);
      if (raw === null) continue;
      const params = Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, decodeURIComponent(value)]));
      return { route: pattern.route, params };
    }
    return null;
  }

  webSocket(path: string): WebSocketRoute | null {
    return (
      this.#exactSockets.get(path) ??
      this.#prefixSockets.find((route) => path.startsWith(route.path.slice(0, -1))) ??
      null
    );
  }
}
