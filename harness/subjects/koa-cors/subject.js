// `@koa/cors` under the standard app on Koa, as a subject of the harness: JSON lines on stdin and
// stdout, HTTP on a loopback port. What a policy becomes is in `corsOptions`, the app in
// `standardApp`, the socket in `serve`, the protocol at the end.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import cors from '@koa/cors';
import Router from '@koa/router';
import Koa from 'koa';

const about = {
  name: 'koa-cors',
  version: installed('@koa/cors'),
  language: 'JavaScript',
  runtime: `koa ${installed('koa')} on node ${process.versions.node}`,
  homepage: 'https://github.com/koajs/cors',
  issues: 'https://github.com/koajs/cors/issues',
  role: 'server',
  capabilities: {
    origins: ['any', 'list', 'subdomains_of', 'patterns', 'null'],
    methods: ['any', 'list'],
    request_headers: ['any', 'list'],
    expose_headers: ['any', 'list'],
    credentials: true,
    max_age: true,
    private_network: true,
    paths: false,
    dynamic: true,
    http2: false,
  },
};

// How many cases a counter remembers; the oldest goes first.
const MOST_CASES = 10_000;

/** The package has no option that says this part of a policy. */
class Unsupported extends Error {
  constructor(feature, reason) {
    super(reason);
    this.feature = feature;
  }
}

/** The options of a policy: https://github.com/koajs/cors#corsoptions */
function corsOptions(policy) {
  if (policy.paths?.length > 0) {
    throw new Unsupported('paths', 'the options are one policy for all paths');
  }
  const options = {
    origin: origin(policy.origins),
    allowMethods: names(policy, 'methods'),
    exposeHeaders: names(policy, 'expose_headers'),
    credentials: policy.credentials ?? false,
    privateNetworkAccess: policy.private_network ?? false,
  };
  // Left out, the headers that the request asks for are reflected.
  if (!policy.request_headers?.any) {
    options.allowHeaders = policy.request_headers?.list ?? [];
  }
  if (policy.max_age != null) {
    options.maxAge = seconds(policy.max_age);
  }
  return options;
}

/**
 * Left out, all origins are allowed; a string is one. There is no form for several: a function is
 * given the request, and returns the origin that is allowed or nothing.
 */
function origin({ any, list = [], subdomains_of = [], patterns = [], null: opaque = false }) {
  if (any) {
    return undefined;
  }
  const expressions = [...subdomains_of.map(subdomainsOf), ...patterns.map(anchored)];
  if (list.length === 1 && expressions.length === 0 && !opaque) {
    return list[0];
  }
  const listed = new Set(opaque ? [...list, 'null'] : list);
  return (context) => {
    const asking = context.get('Origin');
    const allowed = listed.has(asking) || expressions.some((allows) => allows.test(asking));
    return allowed ? asking : undefined;
  };
}

/** Any characters that a host can have before the dot, any depth. */
function subdomainsOf(parent) {
  const [scheme, authority] = parent.split('://');
  const literal = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const label = '[!"$&\'()*+,;=_`{}~a-z0-9.\\-]+';
  return new RegExp(`^${literal(scheme)}:\\/\\/${label}\\.${literal(authority)}$`, 'u');
}

/** The group keeps an alternation inside the anchors. */
function anchored(pattern) {
  try {
    return new RegExp(`^(?:${pattern.slice(1, -1)})$`, 'u');
  } catch (error) {
    throw new Unsupported('origins.patterns', error.message);
  }
}

/**
 * The names are joined into the header as they are. There is no option for any, but `*` in the
 * header means it where there are no credentials; where there are, it is a name like others
 * (https://fetch.spec.whatwg.org/#http-new-header-syntax).
 */
function names(policy, field) {
  if (!policy[field]?.any) {
    return policy[field]?.list ?? [];
  }
  if (policy.credentials) {
    throw new Unsupported(field, 'any is said by `*` alone, which says nothing with credentials');
  }
  return ['*'];
}

function seconds(count) {
  if (!Number.isSafeInteger(count)) {
    throw new Unsupported('max_age', 'more seconds than a JavaScript number counts');
  }
  return count;
}

/** How often handlers ran, case by case. */
class Executions {
  #counts = new Map();

  add(id) {
    const count = this.of(id) + 1;
    if (count === 1 && this.#counts.size >= MOST_CASES) {
      this.#counts.delete(this.#counts.keys().next().value);
    }
    this.#counts.set(id, count);
  }

  of(id) {
    return this.#counts.get(id) ?? 0;
  }
}

/** A whole Koa app for each policy; its routes have the prefix that they are mounted at. */
function standardApp(id, middleware, executions) {
  const app = new Koa();
  // Failures of handlers are not logged.
  app.silent = true;
  app.use(middleware);

  const router = new Router({ prefix: `/${id}` });
  const route = (path, handle) => {
    router.all(path, (context) => {
      const { case: id } = context.query;
      if (id !== undefined) {
        executions.forEach((counter) => counter.add(String(id)));
      }
      handle(context);
    });
  };
  route('/plain', (context) => {
    context.set({ 'X-Total': '7', ETag: '"7"' });
    context.body = context.method;
  });
  route('/vary', (context) => {
    // Adds to what the middleware has set; `set` would replace it.
    context.vary('Accept-Language');
    context.body = context.method;
  });
  route('/own-cors', (context) => {
    context.set('Access-Control-Allow-Origin', 'https://own.example');
    context.body = context.method;
  });
  // A final status that Node's frameworks agree on.
  route('/status/:n', (context) => {
    const { n } = context.params;
    context.status = /^[2-5]\d\d$/.test(n) ? Number(n) : 400;
  });
  route('/throw', () => {
    throw new Error('the handler failed');
  });
  route('/redirect', (context) => {
    const { to } = context.query;
    typeof to === 'string' ? context.redirect(to) : (context.status = 400);
  });
  app.use(router.routes());
  return app.callback();
}

/** One socket for all mounts. */
async function serve(mounts, everywhere) {
  const server = createServer((request, response) => {
    const [first, second, third] = request.url.split('?', 1)[0].split('/').slice(1);
    // Outside of the middleware: of one mount, and of all together.
    if (first === 'executed' && !mounts.has(first)) {
      response.end(`${everywhere.of(second)}`);
    } else if (!mounts.has(first)) {
      response.writeHead(404).end('nothing is mounted here');
    } else if (second === 'executed') {
      response.end(`${mounts.get(first).executions.of(third)}`);
    } else {
      mounts.get(first).app(request, response);
    }
  });
  server.listen(0, '127.0.0.1');
  // No connection is closed under a harness that pauses.
  server.keepAliveTimeout = 600_000;
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

const mounts = new Map();
const everywhere = new Executions();
const address = await serve(mounts, everywhere);

/** What is answered to each request of the protocol. */
const requests = {
  start({ protocol }) {
    if (protocol !== 1) {
      throw new Error(`protocol \`${protocol}\` is not spoken here`);
    }
    return { started: about };
  },

  configure({ policies }) {
    const prepared = policies.map(({ id, policy }) => prepare(id, policy));
    prepared.filter(({ app }) => app).forEach((mount) => mounts.set(mount.id, mount));
    return { configured: prepared.map(({ app, executions, ...outcome }) => outcome) };
  },

  release({ ids }) {
    ids.forEach((id) => mounts.delete(id));
    return { released: ids };
  },

  stop() {
    return { stopped: {} };
  },
};

/** What becomes of a policy. */
function prepare(id, policy) {
  let options;
  try {
    options = corsOptions(policy);
  } catch (error) {
    if (error instanceof Unsupported) {
      return { id, unsupported: { feature: error.feature, reason: error.message } };
    }
    throw error;
  }
  let middleware;
  try {
    middleware = cors(options);
  } catch (error) {
    return { id, rejected: { message: String(error) } };
  }
  const executions = new Executions();
  const app = standardApp(id, middleware, [executions, everywhere]);
  return { id, base: `${address}/${id}`, app, executions };
}

async function answer(line) {
  let seq = 0;
  try {
    const request = JSON.parse(line);
    if (!Number.isSafeInteger(request.seq) || request.seq < 0) {
      throw new Error('`seq` is no whole number');
    }
    seq = request.seq;
    const [name, ...others] = Object.keys(request).filter((key) => key !== 'seq');
    if (others.length > 0 || !Object.hasOwn(requests, name ?? '')) {
      throw new Error(`not a request to a server: \`${[name, ...others].join(', ')}\``);
    }
    return { seq, ...(await requests[name](request[name])) };
  } catch (error) {
    return { seq, errored: { message: String(error) } };
  }
}

/** The version that is installed, which need not be the one in `package.json`. */
function installed(name) {
  const manifest = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

for await (const line of createInterface({ input: process.stdin })) {
  const answered = await answer(line);
  await new Promise((written) => process.stdout.write(`${JSON.stringify(answered)}\n`, written));
  if (answered.stopped) {
    break;
  }
}
process.exit(0);
