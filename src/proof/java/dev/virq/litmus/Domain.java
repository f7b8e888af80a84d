package dev.virq.litmus;

import dev.virq.srcu.SrcuDomain;

/** What a litmus program needs of a domain, so that a broken one can take the product's place. */
interface Domain {
  /** Begins a section. */
  int readLock();

  /** Ends a section. */
  void readUnlock(int index);

  /** Waits for a grace period. */
  void synchronize();

  /** The product. */
  static Domain product() {
    SrcuDomain srcu = new SrcuDomain();
    return new Domain() {
      @Override
      public int readLock() {
        return srcu.readLock();
      }

      @Override
      public void readUnlock(int index) {
        srcu.readUnlock(index);
      }

      @Override
      public void synchronize() {
        var _ = srcu.synchronize();
      }
    };
  }

  /** The positive control: grace periods that wait for nobody. */
  static Domain busted() {
    Domain product = product();
    return new Domain() {
      @Override
      public int readLock() {
        return product.readLock();
      }

      @Override
      public void readUnlock(int index) {
        product.readUnlock(index);
      }

      @Override
      public void synchronize() {}
    };
  }
}
