// Counts a visit. docs/tracker.md says how to use it, and what it sends and stores. ES2019, without dependencies.
//
// The server embeds the minified bioscope.min.js. After a change here run tools/tracker.
(() => {
  // A module has no currentScript.
  const script = document.currentScript || document.querySelector('script[src*="bioscope.js"]');
  // A second copy does nothing. The method is checked because an element with the id bioscope also becomes window.bioscope.
  if (!script || window.bioscope && bioscope.consent) return;

  let { page = '', token, placement, consent: said } = script.dataset,
    // Whether this page load is counted; undefined until it is known.
    counted,
    // Whether the owner of this browser is ignored: '1', '0', or empty without a choice.
    ignored,
    // Whether the banner shows; whether the server knows that this page load is not counted.
    asking,
    told,
    // The ids from the server; empty if nothing may be sent.
    session,
    view,
    // The open visits by page: id, start, time of the last request.
    visits = {},
    // A queue: visits are opened one after the other, and a click before the visit's answer waits for it.
    line,
    // Of the page view: visible milliseconds, how many of them trigger the next report, since when it is visible (false while hidden), and
    // the lowest visible pixel.
    seen,
    due,
    since,
    depth,
    beat,
    // The last click: its link and time.
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

  // The visitor has not seen a prerendered page yet, so nothing is asked or sent before it is shown.
  ready = line = new Promise(value => document.prerendering ? on('prerenderingchange', value) : value()),

  // Reads without a value, and removes with an empty one. If storage is blocked, every access throws, and nothing is remembered.
  keep = (key, value) => {
    try {
      key = 'bioscope-' + key;
      return value == null ? localStorage.getItem(key) : value ? localStorage.setItem(key, value) : localStorage.removeItem(key);
    } catch {}
  },

  // The open visit of this page, shared by all tabs: until 30 minutes after its last request, and for up to 24 hours. If nothing
  // can be stored, this page load knows only its own visit.
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

  // The server's answer; undefined if the request failed. Without headers a string is sent as text/plain, which needs no
  // preflight. Some blockers block only beacons, so fetch sends everything; beacons are for browsers without keepalive.
  post = (body, last) => {
    body = JSON.stringify(body);
    return last && !('keepalive' in Request.prototype) && navigator.sendBeacon ? navigator.sendBeacon(url, body)
      : fetch(url, { method: 'POST', keepalive: 1, body })
        .then(value => value.json()).then(value => value.data).catch(() => {});
  },

  // Renews the visit's last request, unless the visit ended 30 minutes after the one before.
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

  // Reports that this page load is not counted, without anything about the visitor.
  tell = kind => told = told || post({ kind, page: page || undefined, token }, 1),

  // Starts measuring the visible time.
  look = () => {
    clearInterval(beat);
    since = !document.hidden && performance.now();
    beat = since && setInterval(() => send({ kind: 'alive', session }), 3e4);
  },

  measure = () => depth = Math.max(depth, scrollY + innerHeight),

  // Frequent tab switching must stay under the server's limit, so the next report needs ten more visible seconds.
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

  // A site has no token. A token is valid for at least five minutes. An older page, or one from the history, loads a new token from its own address.
  renew = async () => {
    if (token && (Date.now() - performance.timeOrigin > 24e4 || performance.navigation.type > 1)) {
      token = await fetch(location)
        .then(value => value.text()).then(value => value.match(/data-token="?(\w+)/)[1]).catch(() => token);
    }
  },

  // Continues the visit, or begins one if there is none or the server has closed it.
  open = async closed => {
    session = view = '';
    seen = depth = due = 0;
    if (!counted) return;
    const known = recall()[0], now = Date.now(), body = { page: page || undefined, path: location.pathname, title: document.title };
    if (known && known != closed) {
      session = known;
      note();
      look();
      // Without await, because a click need not wait for the answer.
      post({ kind: 'view', session: known, ...body }).then(value => {
        if (value) value.id ? view = value.id : enter(known);
      });
      return;
    }
    await renew();
    // The visitor may have withdrawn consent during the await, here and below.
    if (!counted) return;
    let visitor;
    if (!anonymous) keep('visitor', visitor = keep('visitor') || crypto.getRandomValues(new Uint32Array(4)).join());
    const value = await post({
      kind: 'visit',
      ...body,
      token,
      placement,
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

  // One after the other, also across tabs: of two tabs that open together, one begins the visit and the other continues it. Storage
  // of one tab reaches the other a moment after the lock.
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
    // The banner shows while asking, the ask button otherwise; only the button has the consent attribute.
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

  // Who wants to be forgotten refuses further visits too, by any answer but the one that agrees.
  answer = value => then(() => {
    const visitor = value == 'forget' && keep('visitor');
    visitor && post({ kind: value, visitor }, 1);
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
      // What is not counted now must not wait in the line until it is.
      counted && enter();
    }),
  };

  ['click', 'auxclick'].forEach(value => on(value, ({ target, button }) => {
    const { link, bioscopeConsent, bioscopeIgnore } = target.closest('a[data-link],[data-bioscope-consent],[data-bioscope-ignore]').dataset,
      now = Date.now();
    if (link && button < 2) {
      // The second click of a double click is not counted.
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
  // A page from the back/forward cache counts again. The visitor may have answered in another tab in the meantime.
  on('pageshow', ({ persisted }) => {
    if (persisted) {
      const value = counted;
      told = told || value;
      start();
      value && enter();
    }
  });

  then(() => {
    // The visitor answered in another tab. A visitor who withdraws consent there was counted here already.
    on('storage', ({ key }) => {
      if (/^bioscope-[ci]/.test(key)) {
        told = told || counted;
        start();
      }
    });
    // Wait until the banner exists.
    document.readyState == 'loading' ? on('DOMContentLoaded', start) : start();
  });
})();
