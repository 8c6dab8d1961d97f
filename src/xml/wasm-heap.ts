/**
 * Bounds the memory of WebAssembly instances made afterwards in this thread; Node's `resourceLimits` bound the JavaScript heap only.
 *
 * After a refused growth an instance must not be used any more, whatever it answers: libxml2-wasm copies a document to
 * address 0 when there is no room for it.
 */
export function boundWasmHeap(bytes: number): WasmHeap {
  const { grow } = WebAssembly.Memory.prototype;
  let memory: WebAssembly.Memory | undefined;
  let refused = false;
  WebAssembly.Memory.prototype.grow = function (this: WebAssembly.Memory, pages: number): number {
    memory = this;
    refused = this.buffer.byteLength + pages * 65_536 > bytes;
    // The caller asks for less, two times, before it gives up: only the last answer counts.
    if (refused) throw new RangeError(`the WebAssembly heap is bounded to ${bytes} bytes`);
    return grow.call(this, pages);
  };
  return { used: () => memory?.buffer.byteLength ?? 0, exhausted: () => refused };
}

export interface WasmHeap {
  /** bytes, 0 as long as it has not grown */
  used(): number;
  /** it wanted more than it may have */
  exhausted(): boolean;
}
