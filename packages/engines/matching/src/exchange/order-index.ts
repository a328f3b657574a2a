import type { Order } from './order.ts';

const PAGE_ORDERS = 64;

interface Page {
  readonly orders: (Order | null)[];
  count: number;
}

/**
 * Open orders by their number. Numbers only grow, so that they are kept in pages without hashing; a page is dropped when its last order has ended.
 */
export class OrderIndex {
  #pages: (Page | null)[] = [];
  /** The number of the first page kept, and how many pages before it in the array are dropped already. */
  #firstPage = 0;
  #dropped = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Oldest first. */
  values(): Order[] {
    return this.#pages.flatMap((page) => page?.orders.filter((order) => order !== null) ?? []);
  }

  get(orderId: number): Order | undefined {
    const number = Math.floor(orderId / PAGE_ORDERS);
    const page = this.#pages[number - this.#firstPage];
    return page?.orders[orderId - number * PAGE_ORDERS] ?? undefined;
  }

  /** `order.orderId` is above all before it. */
  add(order: Order): void {
    const number = Math.floor(order.orderId / PAGE_ORDERS);
    if (this.#pages.length === 0) this.#firstPage = number;
    while (this.#pages.length <= number - this.#firstPage) this.#pages.push(null);
    const at = number - this.#firstPage;
    let page = this.#pages[at] ?? null;
    if (page === null) {
      page = { orders: new Array<Order | null>(PAGE_ORDERS).fill(null), count: 0 };
      this.#pages[at] = page;
    }
    page.orders[order.orderId - number * PAGE_ORDERS] = order;
    page.count += 1;
    this.#size += 1;
  }

  delete(orderId: number): void {
    const number = Math.floor(orderId / PAGE_ORDERS);
    const at = number - this.#firstPage;
    const page = this.#pages[at];
    const slot = orderId - number * PAGE_ORDERS;
    if (page === undefined || page === null || page.orders[slot] === null) return;
    page.orders[slot] = null;
    page.count -= 1;
    this.#size -= 1;
    // The newest page stays: the next orders go there.
    if (page.count === 0 && at < this.#pages.length - 1) this.#drop(at);
  }

  #drop(at: number): void {
    this.#pages[at] = null;
    while (this.#dropped < this.#pages.length - 1 && this.#pages[this.#dropped] === null) this.#dropped += 1;
    // Moved only when half of the array is empty, so that it costs little for each order.
    if (this.#dropped < 64 || this.#dropped * 2 < this.#pages.length) return;
    this.#pages = this.#pages.slice(this.#dropped);
    this.#firstPage += this.#dropped;
    this.#dropped = 0;
  }
}
