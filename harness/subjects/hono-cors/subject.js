// `hono/cors` under the standard app on Hono, as a subject of the harness: JSON lines on stdin and
// stdout, HTTP on a loopback port. What a policy becomes is in `corsOptions`, the app in
// `standardApp`, the socket in `serve`, the protocol at the end.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { serve as listen } from '@hono/node-server';
import { Hono } from 'hono';
import { cors } from 'hono/cors';

const about = {
  // Another release under this program has another name.
  name: process.argv[2] ?? 'hono-cors',
  version: installed('hono'),
  language: 'JavaScript',
  runtime: `@hono/node-server ${installed('@hono/node-server')} on node ${process.versions.node}`,
  homepage: 'https://hono.dev/docs/middleware/builtin/cors',
  issues: 'https://github.com/honojs/hono/issues',
  role: 'server',
  capabilities: {
    origins: ['any', 'list', 'subdomains_of', 'patterns', 'null'],
    methods: ['any', 'list'],
    request_headers: ['any', 'list'],
    expose_headers: ['any', 'list'],
    credentials: true,
    max_age: true,
    private_network: false,
    paths: false,
    dynamic: true,
    http2: false,
  },
};

// How many cases a counter remembers; the oldest goes first.
const MOST_CASES = 10_000;

// A handler that fails is logged on stderr, with one line instead of a stack.
Error.stackTraceLimit = 0;

/** The package has no option that says this part of a policy. */
class Unsupported extends Error {
  constructor(feature, reason) {
    super(reason);
    this.feature = feature;
  }
}

/** The options of a policy: https://hono.dev/docs/middleware/builtin/cors#options */
function corsOptions(policy) {
  if (policy.paths?.length > 0) {
    throw new Unsupported('paths', 'the options are one policy for all paths');
  }
  if (policy.private_network) {
    throw new Unsupported('private_network', 'there is no option for it');
  }
  // An empty list is the documented default, and by default what is asked for is allowed:
  // https://github.com/honojs/hono/pull/693
  if (policy.request_headers?.list?.length === 0) {
    throw new Unsupported('request_headers', 'none listed is the default, which reflects');
  }
  const options = {
    origin: origin(policy.origins),
    allowMethods: names(policy, 'methods'),
    exposeHeaders: names(policy, 'expose_headers'),
    credentials: policy.credentials ?? false,
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
 * A string is one origin (`*`: all of them), an array holds strings. For anything else there is a
 * function that is given the request's origin, and returns the one that is allowed or nothing.
 */
function origin({ any, list = [], subdomains_of = [], patterns = [], null: opaque = false }) {
  if (any) {
    return '*';
  }
  const listed = opaque ? [...list, 'null'] : list;
  const expressions = [...subdomains_of.map(subdomainsOf), ...patterns.map(anchored)];
  if (expressions.length === 0) {
    return list.length === 1 && !opaque ? list[0] : listed;
  }
  return (asking) => {
    const allowed = listed.includes(asking) || expressions.some((allows) => allows.test(asking));
    return allowed ? asking : null;
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

/** A whole Hono app for each policy; its base path is the prefix that it is mounted at. */
function standardApp(id, middleware, executions) {
  const app = new Hono().basePath(`/${id}`);
  app.use(middleware);

  const route = (path, handle) => {
    app.all(path, (context) => {
      const id = context.req.query('case');
      if (id !== undefined) {
        executions.forEach((counter) => counter.add(id));
      }
      return handle(context);
    });
  };
  route('/plain', (context) => {
    return context.text(context.req.method, 200, { 'X-Total': '7', ETag: '"7"' });
  });
  route('/vary', (context) => {
    return context.text(context.req.method, 200, { Vary: 'Accept-Language' });
  });
  route('/own-cors', (context) => {
    const own = { 'Access-Control-Allow-Origin': 'https://own.example' };
    return context.text(context.req.method, 200, own);
  });
  // A final status that Node's frameworks agree on.
  route('/status/:n', (context) => {
    const n = context.req.param('n');
    return context.body(null, /^[2-5]\d\d$/.test(n) ? Number(n) : 400);
  });
  route('/throw', () => {
    throw new Error('the handler failed');
  });
  route('/redirect', (context) => {
    const to = context.req.query('to');
    return to === undefined ? context.body(null, 400) : context.redirect(to);
  });
  return app;
}

/** One server for all mounts. */
function serve(mounts, everywhere) {
  const app = new Hono();
  // Outside of the middleware: of one mount, and of all together.
  app.get('/executed/:case', (context) => {
    return context.text(`${everywhere.of(context.req.param('case'))}`);
  });
  app.get('/:mount/executed/:case', (context) => {
    const { mount, case: id } = context.req.param();
    const executions = mounts.get(mount)?.executions;
    return executions ? context.text(`${executions.of(id)}`) : context.notFound();
  });
  app.all('/:mount/*', (context) => {
    const mounted = mounts.get(context.req.param('mount'));
    return mounted ? mounted.app.fetch(context.req.raw, context.env) : context.notFound();
  });
  return new Promise((listening) => {
    const options = { fetch: app.fetch, hostname: '127.0.0.1', port: 0 };
    const server = listen(options, ({ port }) => listening(`http://127.0.0.1:${port}`));
    // No connection is closed under a harness that pauses.
    server.keepAliveTimeout = 600_000;
  });
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
