// Browsers give pages that are opened from the disk no workers, and the theme searches in one: there a hidden frame
// stands for it. Messages go both ways as with a worker, in order; those sent before it is loaded wait.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      const inside = frame.contentWindow;
      inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.loaded = new Promise((resolve, reject) => {
        const program = frame.contentDocument.createElement("script");
        Object.assign(program, { src: address, onload: () => resolve(inside), onerror: reject });
        frame.contentDocument.head.append(program);
      });
    }
    postMessage(data) {
      this.loaded.then((inside) => inside.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
}
