// Runs in the page before its own scripts, and notes what it gets and when it shows it.
(() => {
  const probe = {
    messages: 0, bytes: 0, largest: 0, // of all websockets
    frames: 0, snapshots: 0, events: 0, points: 0, // of the search
    latencies: { received: [], broadcast: [] }, // milliseconds until a metric was painted, while `timing`
    timing: false,
    askedAt: null, snapshotAt: null, // milliseconds since the page was opened: the first was painted
    clickedAt: null,
    drawn: 0, // of the layer `watched`, or of rows
    watched: null,
  };
  globalThis.probe = probe;

  globalThis.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        probe.messages++;
        const bytes = data.byteLength ?? data.size ?? data.length;
        probe.bytes += bytes;
        probe.largest = Math.max(probe.largest, bytes);
      });
    }
  };

  let store = null;
  const waiting = [];
  globalThis[Symbol.for('maggy.stores')] = new (class extends WeakMap {
    set(model, made) {
      store = made;
      probe.askedAt ??= performance.now(); // it has just asked for a snapshot
      model.on('msg:custom', heard);
      return super.set(model, made);
    }
  })();

  function heard(content, buffers) {
    if (content.type !== 'Frame' && content.type !== 'Snapshot') return;
    probe[content.type === 'Frame' ? 'frames' : 'snapshots']++;
    for (const { points } of content.records) probe.points += points ?? 0;
    probe.events += content.records.length;
    if (probe.timing || content.type === 'Snapshot') waiting.push({ content, buffer: buffers[0] });
  }

  // A chart wipes a layer when it draws it; in the next frame that has been painted.
  const wipe = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...args) {
    const layer = layerOf(this.canvas);
    if (layer === probe.watched) probe.drawn++;
    if (layer === 'live' && waiting.length > 0) {
      const { number } = store.state;
      requestAnimationFrame(() => painted(number));
    }
    return wipe.apply(this, args);
  };

  function layerOf(canvas) {
    canvas.layer ??= canvas.closest('[aria-label="Learning curves"]')
      ? ['quiet', 'live', 'top'][[...canvas.parentElement.querySelectorAll(':scope > canvas')].indexOf(canvas)]
      : '';
    return canvas.layer;
  }

  function painted(number) {
    const now = Date.now();
    while (waiting.length > 0 && waiting[0].content.last <= number) {
      const { content, buffer } = waiting.shift();
      if (content.type === 'Snapshot') probe.snapshotAt ??= performance.now();
      else note(content.records, new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength), now);
    }
  }

  function note(records, numbers, now) {
    let at = 0;
    for (const { type, time, points } of records) {
      if (type !== 'TrialProgressed') continue;
      for (let i = 0; i < points; i++) {
        const value = numbers.getFloat64(8 * (at + points + i), true);
        const stamp = (value - Math.round(value * 1e3) / 1e3) * 1e6;
        probe.latencies.received.push(now - 1e3 * time);
        probe.latencies.broadcast.push((now - 1e3 * stamp + 1e6) % 1e5);
      }
      at += 2 * points;
    }
  }

  addEventListener('click', () => { probe.clickedAt = Date.now(); }, true);

  /** Counts the frames of so many seconds, and those of them in which something watched was drawn anew. */
  probe.count = (seconds, watched) => {
    probe.watched = watched;
    probe.counted = null;
    const rows = document.querySelector('.maggy-body');
    const observer = new MutationObserver(() => { probe.drawn++; });
    if (watched === 'rows') observer.observe(rows, { subtree: true, childList: true, attributes: true });
    const counted = { frames: 0, drawn: 0, longest: 0, seconds: 0 };
    let [begin, last, drawn] = [null, null, probe.drawn];
    const tick = now => {
      begin ??= now;
      if (last !== null) {
        counted.frames++;
        counted.longest = Math.max(counted.longest, now - last);
        if (probe.drawn > drawn) counted.drawn++;
      }
      [last, drawn] = [now, probe.drawn];
      if (now - begin < 1000 * seconds) requestAnimationFrame(tick);
      else {
        observer.disconnect();
        counted.seconds = (now - begin) / 1000;
        probe.counted = counted;
      }
    };
    requestAnimationFrame(tick);
  };
})();
