"""A web page of somebody else that tries to use the UI through the browser that it is open in.

Belongs here: serving the page, and what it tries. Stays out: what has to come of it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

#: Done by every way at once; the page's title says `done` when all have ended.
PAGE = """<!doctype html><title>trying</title><body><script>
const ui = %(ui)s, body = %(body)s, byGet = ui + '/graphql?query=' + %(query)s;
const send = (kind) => fetch(ui + '/graphql', {
  method: 'POST', mode: kind === 'application/json' ? 'cors' : 'no-cors', body,
  headers: {'Content-Type': kind}, credentials: 'include',
}).catch(() => 0);
const loaded = (tag, set) => new Promise((over) => {
  const each = document.createElement(tag);
  set(each); each.onload = each.onerror = over; document.body.append(each); setTimeout(over, 8000);
});
const form = () => {
  const each = document.createElement('form');
  each.method = 'post'; each.action = byGet; each.target = 'sink'; each.enctype = 'text/plain';
  each.innerHTML = '<input name="x" value="y">'; document.body.append(each); each.submit();
};
const socket = () => new Promise((over) => {
  const each = new WebSocket(ui.replace('http', 'ws') + '/graphql', 'graphql-ws');
  each.onopen = () => {
    each.send(JSON.stringify({id: '1', type: 'start', payload: JSON.parse(body)}));
    document.body.append('socket opened'); setTimeout(over, 1000);
  };
  each.onerror = over;
});
(async () => {
  await loaded('iframe', (each) => { each.name = 'sink'; each.src = 'about:blank'; });
  form();
  await Promise.all([
    send('text/plain'), send('application/json'), send('text/plain;application/json'),
    fetch(byGet, {mode: 'no-cors'}).catch(() => 0),
    loaded('img', (each) => { each.src = byGet; }),
    loaded('script', (each) => { each.src = byGet; }),
    loaded('iframe', (each) => { each.src = byGet; }),
    socket(),
  ]);
  document.title = 'done';
})();
</script>"""


@contextmanager
def foreign_page(ui: str, mutation: str) -> Iterator[str]:
    """The address of the page, on a port of its own, while the block lasts."""
    page = PAGE % {
        "ui": json.dumps(ui),
        "body": json.dumps(json.dumps({"query": mutation})),
        "query": json.dumps(quote(mutation)),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
