package dev.virq.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScriptTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vm_create v0",
        "split_irqchip_create v0 18446744073709551615",
        "vcpu_create v0 c0 0xffffffff",
        "eventfd_create e0 4294967295 semaphore",
        "eventfd_write e0 0xffffffffffffffff",
        "irqfd_flags v0 e0 5 0x80000000",
        "irqfd_flags v0 e0 5 2 r0",
        "signal_msi v0 0xfee00000 0x41",
        "signal_msi v0 0xfee00000 0x41 0x100 1",
        "routing_set v0",
        "routing_set v0 flags=1 fill=4097 5:irqchip:ioapic:24 5:irqchip:3:0 6:irqchip:slave:1:flags=1",
        "routing_set v0 5:msi:0xfee00000:0x41 6:msi:1:2:3 7:msi:1:2:0:flags=2 8:msi:1:2:flags=1",
        "routing_set v0 5:type0 6:type99:flags=1",
        "pic_set v0 master",
        "pic_set v0 slave irr=0 last_irr=0xff",
        "ioapic_set v0 irr=0x800000",
        "ioapic_set_redir v0 0 128 7 0 5 0 0 1",
        "lapic_set v0 c0 svr=0x1ff dfr=0x0fffffff ldr=0x1000000",
        "guest_out v0 c0 0x4d0 0xff",
        "guest_ioapic_write v0 c0 0x10 0xffffffff",
        "pic_ack v0 c0"
      })
  void anOperationIsRead(String line) {
    List<Operation> operations = Script.parse(line, 1).operations();

    assertThat(operations).singleElement().hasToString(line);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "vm_creat v0 | \"vm_creat\" is not an operation; did you mean vm_create?",
        "VM_CREATE v0 | \"VM_CREATE\" is not an operation; did you mean vm_create?",
        "vm_create | \"vm_create\" lacks a name",
        "vm_create v0 v1 | \"v1\" is one word too many for vm_create",
        "vm_create 5 | \"5\" in vm_create is not a name",
        "vm_create v/0 | \"v/0\" in vm_create is not a name",
        "eventfd_create e0 | \"eventfd_create\" lacks a 32-bit number",
        "eventfd_create e0 0x100000000 | \"0x100000000\" in eventfd_create is not a 32-bit number",
        "eventfd_create e0 0 semaphor | \"semaphor\" in eventfd_create is not semaphore",
        "eventfd_write e0 -1 | \"-1\" in eventfd_write is not a 64-bit number",
        "eventfd_write e0 18446744073709551616 | \"18446744073709551616\" in eventfd_write is not a 64-bit number",
        "eventfd_write e0 1.5 | \"1.5\" in eventfd_write is not a 64-bit number",
        "eventfd_write e0 0x | \"0x\" in eventfd_write is not a 64-bit number",
        "eventfd_write e0 ١ | \"١\" in eventfd_write is not a 64-bit number",
        "irqfd_assign v0 e0 4294967296 | \"4294967296\" in irqfd_assign is not a 32-bit number",
        "routing_set v0 5:irqchip:pic:5 | \"5:irqchip:pic:5\" in routing_set is not a routing entry",
        "routing_set v0 5:msi:0x100000000:1 | \"5:msi:0x100000000:1\" in routing_set is not a routing entry",
        "pic_set v0 third imr=0 | \"third\" in pic_set is not master or slave",
        "pic_set v0 master imr | \"imr\" in pic_set is not FIELD=N",
        "guest_out v0 c0 0x10000 0 | \"0x10000\" in guest_out is not a 16-bit number",
        "guest_out v0 c0 0x20 256 | \"256\" in guest_out is not an 8-bit number",
      })
  void whatIsNoOperationIsRefusedByLineAndWord(String line, String why) {
    assertThatThrownBy(() -> Script.parse("vm_create v0\n\n" + line + "\nvm_close v0\n", 10))
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.EINVAL);
              assertThat(e.sentence()).isEqualTo("line 3: " + why);
              assertThat(e.facts()).containsEntry("line", 3);
            });
  }

  @Test
  void emptyLinesCommentsCarriageReturnsAndBlanksSayNothing() {
    Script script = Script.parse("# one\r\n\r\n  vm_create   v0 \r\n   # two\n\tvm_close v0", 5);

    assertThat(script.operations())
        .extracting(Operation::line, Operation::toString)
        .containsExactly(tuple(3, "vm_create v0"), tuple(5, "vm_close v0"));
    assertThat(Script.parse("", 0).operations()).isEmpty();
  }

  @Test
  void linesAreCountedWithTheEmptyOnes() {
    assertThat(Script.parse("\n\nvm_create v0\n", 3).operations()).hasSize(1);
    assertThatThrownBy(() -> Script.parse("\n\nvm_create v0\n#\n", 3))
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.E2BIG);
              assertThat(e.sentence()).isEqualTo("the script has more than 3 lines");
            });
  }

  @Test
  void aLongWordIsNotRepeatedWhole() {
    assertThatThrownBy(() -> Script.parse("x".repeat(100_000), 1))
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.sentence().length()).isLessThan(100));
  }

  @Test
  void whatIsRepeatedIsShared() {
    List<Operation> operations =
        Script.parse(
                """
                eventfd_create e0 0
                eventfd_write e0 1
                  eventfd_write e0 1
                """,
                3)
            .operations();

    assertThat(operations).extracting(Operation::line).containsExactly(1, 2, 3);
    assertThat(operations.get(2).operands()).isSameAs(operations.get(1).operands());
    assertThat(operations.get(1).word(0)).isSameAs(operations.get(0).word(0));
  }

  @Test
  void manyDifferentLinesAreReadAllTheSame() {
    String text =
        IntStream.range(0, 3_000)
            .mapToObj(n -> "eventfd_create e%d 0%n".formatted(n))
            .collect(Collectors.joining());

    assertThat(Script.parse(text + text, 6_000).operations())
        .hasSize(6_000)
        .last()
        .hasToString("eventfd_create e2999 0");
  }
}
