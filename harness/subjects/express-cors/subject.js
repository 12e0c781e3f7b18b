// The npm package `cors` under the standard app on Express, as a subject of the harness: JSON lines
// on stdin and stdout, HTTP on a loopback port. What a policy becomes is in `corsOptions`, the app
// in `standardApp`, the socket in `serve`, the protocol at the end.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import cors from 'cors';
import express from 'express';

const about = {
  name: 'express-cors',
  version: installed('cors'),
  language: 'JavaScript',
  runtime: `express ${installed('express')} on node ${process.versions.node}`,
  homepage: 'https://github.com/expressjs/cors',
  issues: 'https://github.com/expressjs/cors/issues',
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

/** The options of a policy: https://github.com/expressjs/cors#configuration-options */
function corsOptions(policy) {
  if (policy.paths?.length > 0) {
    throw new Unsupported('paths', 'the options are one policy for all paths');
  }
  if (policy.private_network) {
    throw new Unsupported('private_network', 'there is no option for it');
  }
  const options = {
    origin: origin(policy.origins),
    methods: names(policy, 'methods'),
    exposedHeaders: names(policy, 'expose_headers'),
    credentials: policy.credentials ?? false,
  };
  // Left out, the headers that the request asks for are reflected.
  if (!policy.request_headers?.any) {
    options.allowedHeaders = policy.request_headers?.list ?? [];
  }
  if (policy.max_age != null) {
    options.maxAge = seconds(policy.max_age);
  }
  return options;
}

/** A string is one origin (`*`: all of them), an array holds strings and regular expressions. */
function origin({ any, list = [], subdomains_of = [], patterns = [], null: opaque = false }) {
  if (any) {
    return '*';
  }
  const origins = [...list, ...subdomains_of.map(subdomainsOf), ...patterns.map(anchored)];
  if (opaque) {
    return [...origins, 'null'];
  }
  return origins.length === 1 && list.length === 1 ? list[0] : origins;
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

/** A whole Express app for each policy; it sees paths without the prefix that it is mounted at. */
function standardApp(middleware, executions) {
  const app = express();
  // As in production: without it, an answer to an error holds the stack.
  app.set('env', 'production');
  app.use(middleware);

  const route = (path, handle) => {
    app.all(path, (request, response) => {
      const { case: id } = request.query;
      if (id !== undefined) {
        executions.forEach((counter) => counter.add(String(id)));
      }
      handle(request, response);
    });
  };
  route('/plain', (request, response) => {
    response.set({ 'X-Total': '7', ETag: '"7"' }).type('text').send(request.method);
  });
  route('/vary', (request, response) => {
    // Adds to what the middleware has set; `set` would replace it.
    response.vary('Accept-Language').type('text').send(request.method);
  });
  route('/own-cors', (request, response) => {
    response.set('Access-Control-Allow-Origin', 'https://own.example');
    response.type('text').send(request.method);
  });
  // A final status that Node's frameworks agree on.
  route('/status/:n', (request, response) => {
    response.status(/^[2-5]\d\d$/.test(request.params.n) ? Number(request.params.n) : 400).end();
  });
  route('/throw', () => {
    throw new Error('the handler failed');
  });
  route('/redirect', (request, response) => {
    const { to } = request.query;
    typeof to === 'string' ? response.redirect(to) : response.status(400).end();
  });
  return app;
}

/** One server for all mounts. */
async function serve(mounts, everywhere) {
  const app = express();
  app.set('env', 'production');
  // Outside of the middleware: of one mount, and of all together.
  app.get('/:mount/executed/:case', (request, response, next) => {
    const executions = mounts.get(request.params.mount)?.executions;
    executions ? response.type('text').send(`${executions.of(request.params.case)}`) : next();
  });
  app.get('/executed/:case', (request, response) => {
    response.type('text').send(`${everywhere.of(request.params.case)}`);
  });
  // Without the parent's `next`, what the mounted app does not answer ends in its own 404.
  app.use('/:mount', (request, response, next) => {
    const mounted = mounts.get(request.params.mount);
    mounted ? mounted.app(request, response) : next();
  });
  const server = app.listen(0, '127.0.0.1');
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
  const app = standardApp(middleware, [executions, everywhere]);
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
