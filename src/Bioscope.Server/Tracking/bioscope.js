// Counts a visit. docs/tracker.md tells how to use it, and what it sends and stores. ES2019, no dependency.
// The server embeds the minified bioscope.min.js: after a change here run tools/tracker.
(() => {
  // A module has no currentScript.
  const script = document.currentScript || document.querySelector('script[src*="bioscope.js"]');
  // A second copy does nothing. An element whose id is bioscope would stand there too, but without the method.
  if (!script || window.bioscope && bioscope.consent) return;

  let { page = '', token, consent: said } = script.dataset,
    // Whether this load is counted; not known at first.
    counted,
    // Whether the owner of this browser is ignored, '1' or '0'; empty where nobody has said so.
    ignored,
    // Whether the banner asks; whether the server was told that this load is not counted.
    asking,
    told,
    // The ids that the server gave; empty where nothing is to be sent.
    session,
    view,
    // The visits that go on, by page: id, start, last sign of life.
    visits = {},
    // Visits are opened one after the other; a click that comes before the visit's id waits for it here.
    line,
    // Of the page view: milliseconds seen, after how many of them it is told, since when it is seen again (false while hidden), the lowest
    // pixel seen.
    seen,
    due,
    since,
    depth,
    beat,
    // The last click: on what, when.
    lastLink,
    lastAt;

  const url = new URL('hi', script.src),
    anonymous = said == 'anonymous',
    refusal = navigator.globalPrivacyControl || navigator.doNotTrack == 1,

  on = (key, value) => addEventListener(key, event => {
    try {
      value(event);
    } catch {}
  }, 1),

  // Nobody has looked at a page that is prerendered: nothing is asked or sent before it is shown.
  ready = line = new Promise(value => document.prerendering ? on('prerenderingchange', value) : value()),

  // Reads without a value, removes with an empty one. Where storage is blocked every access throws, and nothing is remembered.
  keep = (key, value) => {
    try {
      key = 'bioscope-' + key;
      return value == null ? localStorage.getItem(key) : value ? localStorage.setItem(key, value) : localStorage.removeItem(key);
    } catch {}
  },

  // The visit of this page that goes on in any tab: until 30 minutes after its last sign of life, and for 24 hours at most. Where
  // nothing can be stored, what this load knows stays.
  recall = () => {
    try {
      if (!anonymous) visits = { ...JSON.parse(keep('session') || '') };
    } catch {}
    for (const key in visits) {
      const value = visits[key] || [], now = Date.now();
      now - value[2] < 18e5 && now - value[1] < 864e5 || delete visits[key];
    }
    return visits[page] || [];
  },

  // What the server answers; undefined when it could not be asked. Without headers a string goes as text/plain, which needs no
  // preflight. One type of request for everything: beacons, which some blockers block alone, are for browsers without keepalive.
  post = (body, last) => {
    body = JSON.stringify(body);
    return last && !('keepalive' in Request.prototype) && navigator.sendBeacon ? navigator.sendBeacon(url, body)
      : fetch(url, { method: 'POST', keepalive: 1, body })
        .then(value => value.json()).then(value => value.data).catch(() => {});
  },

  // A sign of life that comes after half an hour does not bring the visit back.
  note = (value = recall()) => {
    if (value[0] == session) {
      value[2] = Date.now();
      anonymous || keep('session', JSON.stringify(visits));
    }
  },

  send = body => {
    if (session) {
      note();
      post(body, 1);
    }
  },

  // That this load is not counted, and nothing about the visitor.
  tell = kind => told = told || post({ kind, page: page || undefined, token }, 1),

  // Begins to count what is seen.
  look = () => {
    clearInterval(beat);
    since = !document.hidden && performance.now();
    beat = since && setInterval(() => send({ kind: 'alive', session }), 3e4);
  },

  measure = () => depth = Math.max(depth, scrollY + innerHeight),

  // Whoever switches tabs all the time stays under the server's limit: more is told only after ten more seconds were seen.
  leave = value => {
    if (since) seen += performance.now() - since;
    look();
    measure();
    if (view && (value || seen > due)) {
      due = seen + 1e4;
      send({
        kind: 'leave',
        view,
        duration: Math.min(3600, seen / 1e3 | 0),
        scrollDepth: Math.min(100, depth / document.documentElement.scrollHeight * 100 + .5 | 0),
      });
    }
  },

  // A token holds for five minutes: a page that is older, or comes out of the history, reads a new one from its own address.
  renew = async () => {
    if (page && (Date.now() - performance.timeOrigin > 24e4 || performance.navigation.type > 1)) {
      token = await fetch(location)
        .then(value => value.text()).then(value => value.match(/data-token="?(\w+)/)[1]).catch(() => token);
    }
  },

  // Goes on with the visit, unless the server has closed it, or begins one.
  open = async closed => {
    session = view = '';
    seen = depth = due = 0;
    if (!counted) return;
    const known = recall()[0], now = Date.now(), body = { page: page || undefined, path: location.pathname, title: document.title };
    if (known && known != closed) {
      session = known;
      note();
      look();
      // Not waited for: a click need not wait either.
      post({ kind: 'view', session: known, ...body }).then(value => {
        if (value) value.id ? view = value.id : enter(known);
      });
      return;
    }
    await renew();
    // The visitor may have taken it back meanwhile, here and below.
    if (!counted) return;
    let visitor;
    if (!anonymous) keep('visitor', visitor = keep('visitor') || crypto.getRandomValues(new Uint32Array(4)).join());
    const value = await post({
      kind: 'visit',
      ...body,
      token,
      consent: anonymous ? 'anonymous' : 'granted',
      visitor,
      referrer: document.referrer,
      url: location.href,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
    if (counted && value.id) {
      session = value.id;
      view = value.view;
      recall();
      note(visits[page] = [session, now]);
      look();
    }
  },

  // In turn, also with other tabs: of two that open at once, one begins the visit and the other goes on with it. What one has stored
  // reaches the other a moment after the lock.
  enter = closed => line = line.then(() => {
    const value = () => open(closed).catch(() => {}), { locks } = navigator;
    return locks ? locks.request(url + page, { ifAvailable: 1 }, key => key ? value() : 1)
      .then(key => key && locks.request(url + page, () => new Promise(key => setTimeout(key, 99)).then(value)))
      .catch(value) : value();
  }).catch(() => {}),

  choose = value => {
    const mute = navigator.webdriver || ignored > 0,
      asks = anonymous ? value != 'denied' : !value || value == 'ask',
      yes = !mute && (anonymous ? asks : value == 'granted');
    asking = asks && !anonymous && !mute;
    // Of the two the banner has no such attribute.
    document.querySelectorAll('[data-bioscope-banner],[data-bioscope-consent=ask]')
      .forEach(value => value.hidden = refusal || mute || asks == !!value.dataset.bioscopeConsent);
    if (asking || yes == counted) return;
    if (counted = yes) return enter();
    session = view = '';
    if (!mute) {
      visits = {};
      keep('session', '');
      keep('visitor', '');
      renew().then(() => tell('refused'));
    }
  },

  start = () => {
    ignored = keep('ignore') || ignored;
    document.querySelectorAll('[data-bioscope-ignore]')
      .forEach(value => value.parentNode.hidden = !ignored || value.dataset.bioscopeIgnore == ignored);
    choose(refusal ? 'denied' : keep('consent') || said);
  },

  then = value => ready.then(value).catch(() => {}),

  answer = value => then(() => {
    if (!refusal) {
      keep('consent', anonymous && value != 'denied' ? '' : value);
      choose(said = value);
    }
  }),

  ignore = value => then(() => {
    keep('ignore', ignored = value > 0 ? '1' : '0');
    start();
  });

  window.bioscope = {
    consent: value => answer(value ? 'granted' : 'denied'),
    ignore: ignore,
    pageview: () => then(() => {
      leave(1);
      enter();
    }),
  };

  ['click', 'auxclick'].forEach(value => on(value, ({ target, button }) => {
    const { link, bioscopeConsent, bioscopeIgnore } = target.closest('a[data-link],[data-bioscope-consent],[data-bioscope-ignore]').dataset,
      now = Date.now();
    if (link && button < 2) {
      // Of a double click the second is none.
      link == lastLink && now - lastAt < 500 || line.then(() =>
        send({ kind: 'click', session, link, path: location.pathname, page: page || undefined }));
      lastLink = link;
      lastAt = now;
    } else if (!button) bioscopeIgnore ? ignore(bioscopeIgnore) : answer(bioscopeConsent);
  }));
  on('scroll', measure);
  on('visibilitychange', () => leave());
  on('pagehide', () => {
    leave(1);
    asking && !counted && document.querySelector('[data-bioscope-banner]') && tell('unanswered');
  });
  // Out of the back/forward cache it is seen once more. Meanwhile the visitor may have answered elsewhere.
  on('pageshow', ({ persisted }) => {
    if (persisted) {
      const value = counted;
      told = told || value;
      start();
      value && enter();
    }
  });

  then(() => {
    // Another tab was answered. Whoever takes it back there has been counted here.
    on('storage', ({ key }) => {
      if (/^bioscope-[ci]/.test(key)) {
        told = told || counted;
        start();
      }
    });
    // The banner must be there.
    document.readyState == 'loading' ? on('DOMContentLoaded', start) : start();
  });
})();
