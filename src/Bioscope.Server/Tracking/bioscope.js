// Counts a visit, after consent. docs/tracker.md tells how to use it, and what it sends and stores. ES2019, no dependency.
//
// The server makes it small by three rules (Tracker.cs): lines of comment go; blanks beside punctuation go, so no string may hold
// one there; $names become one letter, the same in every scope.
(() => {
  // A module has no currentScript.
  const $script = document.currentScript || document.querySelector('script[src*="bioscope.js"]');
  // A second copy does nothing. An element whose id is bioscope would stand there too, but without the method.
  if (!$script || window.bioscope && bioscope.consent) return;

  let { page: $page = '', token: $token, consent: $said } = $script.dataset,
    // Whether the visitor, or the site, has agreed; not known at first.
    $granted,
    // The ids that the server gave; empty where nothing is to be sent.
    $session,
    $view,
    // The session as it is remembered: id, page, start, last sign of life.
    $saved = '',
    $owner,
    $began,
    $last,
    // Of the page view: milliseconds seen, after how many of them it is told, since when it is seen again (false while hidden), the lowest pixel seen.
    $seen,
    $due,
    $since,
    $depth,
    $beat,
    // Visits are opened one after the other; a click that comes before the session's id waits for it here.
    $line = Promise.resolve();

  const $api = new URL('api/v1/analytics/', $script.src),
    $gpc = navigator.globalPrivacyControl,

  $on = ($type, $handler) => addEventListener($type, $event => {
    try {
      $handler($event);
    } catch {}
  }, 1),

  // Reads without a value, removes with an empty one. Where storage is blocked every access throws, and nothing is remembered.
  $keep = ($key, $value) => {
    try {
      const $area = $key == 'session' ? sessionStorage : localStorage;
      $key = 'bioscope-' + $key;
      return $value == null ? $area.getItem($key) : $value ? $area.setItem($key, $value) : $area.removeItem($key);
    } catch {}
  },

  $remember = $value => $keep('session', $saved = $value),

  $forget = () => $remember($session = $view = ''),

  // The new id; null when the server kept nothing, undefined when it could not be asked. Without headers a string goes as
  // text/plain, which needs no preflight.
  $post = ($path, $body, headers) =>
    fetch($api + $path, { method: 'POST', keepalive: 1, headers, body: JSON.stringify($body) })
      .then($value => $value.json()).then($value => $value.data.id).catch(() => {}),

  $open = $body => $post('session', $body, { 'Content-Type': 'application/json' }),

  // A sign of life that comes after half an hour does not bring the session back for the next page.
  $note = () => Date.now() - $last < 18e5 && $remember([$session, $page, $began, $last = Date.now()].join()),

  // Arrives even when the page goes away.
  $send = ($path, $body) => {
    if ($session) {
      $note();
      navigator.sendBeacon && navigator.sendBeacon($api + $path, JSON.stringify($body)) || $post($path, $body);
    }
  },

  // Begins to count what is seen.
  $look = () => {
    clearInterval($beat);
    $since = !document.hidden && performance.now();
    $beat = $since && setInterval(() => $send('session/' + $session + '/heartbeat'), 3e4);
  },

  $measure = () => $depth = Math.max($depth, scrollY + innerHeight),

  // Whoever switches tabs all the time stays under the server's limit: more is told only after ten more seconds were seen.
  $leave = $value => {
    if ($since) $seen += performance.now() - $since;
    $look();
    $measure();
    if ($view && ($value || $seen > $due)) {
      $due = $seen + 1e4;
      $send('pageview/' + $view + '/leave', {
        duration: Math.min(3600, $seen / 1e3 | 0),
        scrollDepth: Math.min(100, $depth / document.documentElement.scrollHeight * 100 + .5 | 0),
      });
    }
  },

  // A tab's session goes on until 30 minutes after its last sign of life, and for 24 hours at most.
  $visit = async () => {
    const $now = Date.now();
    if (!$granted) return;
    [$session, $owner, $began, $last] = ($keep('session') || $saved).split(',');
    $view = '';
    if ($owner != $page || !($now - $last < 18e5 && $now - $began < 864e5)) {
      $session = '';
      $began = $now;
      // A token holds for five minutes: a page that is older, or comes out of the history, reads a new one from its own address.
      if ($page && ($now - performance.timeOrigin > 24e4 || performance.navigation.type > 1)) {
        $token = await fetch(location)
          .then($value => $value.text()).then($value => $value.match(/data-token="?(\w+)/)[1]).catch(() => $token);
      }
      // The visitor may have taken it back meanwhile, here and below.
      if (!$granted) return;
      const visitorId = $keep('visitor') || crypto.getRandomValues(new Uint32Array(4)).join();
      $keep('visitor', visitorId);
      const $value = await $open({
        visitorId,
        consentAnalytics: 'granted',
        bioPageId: $page || null,
        trackingToken: $token,
        referrer: document.referrer,
        url: location.href,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      });
      $session = $granted && $value;
    }
    if (!$session) return;
    $last = $now;
    $note();
    $seen = $depth = $due = 0;
    $look();
    $post('pageview', { sessionId: $session, path: location.pathname, title: document.title })
      .then($value => $value === null ? $forget() : $view = $value);
  },

  $enter = () => $line = $line.then($visit).catch(() => {}),

  $choose = $value => {
    const $asks = !$value || $value == 'ask', $yes = $value == 'granted';
    // Of the two the banner has no such attribute.
    $gpc || document.querySelectorAll('[data-bioscope-banner],[data-bioscope-consent=ask]')
      .forEach($element => $element.hidden = $asks == !!$element.dataset.bioscopeConsent);
    if ($asks || $yes == $granted) return;
    if ($granted = $yes) return $enter();
    $forget();
    $keep('visitor', '');
    // So that the server can count what it was not told.
    $open({ visitorId: '-', consentAnalytics: $value });
  },

  $answer = $value => {
    if (!$gpc) {
      $keep('consent', $value);
      $choose($value);
    }
  },

  $start = () => $choose($gpc ? 'denied' : $keep('consent') || $said),

  $click = ({ target, button }) => {
    const { link, bioscopeConsent } = target.closest('a[data-link],[data-bioscope-consent]').dataset;
    if (link && button < 2) {
      $line.then(() => $send('pageview', { sessionId: $session, path: location.pathname, linkClicked: link }));
    } else if (!button) $answer(bioscopeConsent);
  };

  window.bioscope = {
    consent: $value => $answer($value ? 'granted' : 'denied'),
    pageview: () => {
      $leave(1);
      $enter();
    },
  };

  $on('click', $click);
  $on('auxclick', $click);
  $on('scroll', $measure);
  $on('visibilitychange', () => $leave());
  $on('pagehide', $leave);
  $on('pageshow', ({ persisted }) => persisted && $enter());

  // The banner must be there.
  document.readyState == 'loading' ? $on('DOMContentLoaded', $start) : $start();
})();
