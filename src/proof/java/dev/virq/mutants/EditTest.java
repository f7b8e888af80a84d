package dev.virq.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.workqueue.Work;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An edit finds its statement by class, member and code, or says what is not there. */
class EditTest {
  private static final SourceFile SOURCE =
      new SourceFile(
          "dev/virq/mutants/EditTest.java",
          """
          package dev.virq.mutants;
          class EditTest {
            private long count = 1; // count = 2
            static { start(); }
            EditTest(int count) { this.count = count; }
            void open() {
              count++; // one more
              String text = "close(); // no comment";
              /* close(); */ close();
            }
            void close() {
              count++;
              lock(
                  // not held yet
                  this);
            }
            void put(Object one) { drop(); }
            void put(Object one, int many) { drop(); }
            void twice() { drop(); drop(); }
            static class Nested {
              void open() { count++; }
            }
          }
          """);

  /** Stands for a class inside another. */
  private static final class Nested {}

  @Test
  void changesTheNamedMethodOnly() {
    assertThat(changed("close", "count++;", "count--;"))
        .containsSubsequence("void open()", "count++;", "void close()", "count--;");
  }

  @Test
  void nestedClassIsNotTheOneAroundIt() {
    Edit edit = new Edit(Nested.class, "open", "count++;", "count--;");

    assertThat(changed(edit)).containsSubsequence("void open()", "count++;", "Nested", "count--;");
  }

  @Test
  void commentsAndLayoutDoNotMatter() {
    assertThat(changed("close", "count++; lock(this);", "")).contains("void close() {\n    \n  }");
    assertThat(changed("close", "count ++ ; /* here */ lock ( this )", "go()")).contains("go();");
  }

  @Test
  void commentIsNoCode() {
    assertThat(changed("open", "close();", "shut();"))
        .contains("\"close(); // no comment\"", "/* close(); */ shut();");
    assertThatThrownBy(() -> changed("open", "one more", "")).hasMessageContaining("found 0 times");
  }

  @Test
  void wordsMatchAsAWhole() {
    assertThatThrownBy(() -> changed("open", "lose();", "")).hasMessageContaining("found 0 times");
    assertThatThrownBy(() -> changed("close", "count+", "")).hasMessageContaining("found 0 times");
  }

  @Test
  void fieldsConstructorsAndInitialisersAreMembersToo() {
    assertThat(changed("field count", "= 1", "= 7")).contains("long count = 7; // count = 2");
    assertThat(changed("<init>", "this.count = count;", "")).contains("EditTest(int count) {  }");
    assertThat(changed("<clinit>", "start();", "stop();")).contains("static { stop(); }");
  }

  @Test
  void overloadedMethodIsNamedWithItsParameters() {
    assertThat(changed("put(Object, int)", "drop();", "keep();"))
        .contains("put(Object one) { drop(); }", "put(Object one, int many) { keep(); }");
    assertThatThrownBy(() -> changed("put", "drop();", ""))
        .hasMessageContainingAll(
            "EditTest, put", "name the types", "put(Object), put(Object, int)");
  }

  @Test
  void memberThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> changed("opened", "count++;", ""))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("dev.virq.mutants.EditTest, opened", "no such member", "open()");
  }

  @Test
  void statementThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> changed("open", "lock(this);", ""))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("EditTest, open", "found 0 times", "lock(this);");
  }

  @Test
  void statementThatIsThereTwiceIsNamed() {
    assertThatThrownBy(() -> changed("twice", "drop();", ""))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("EditTest, twice", "found 2 times", "drop();");
  }

  @Test
  void editsOfOneMethodDoNotSeeEachOther() {
    Edit first = new Edit(EditTest.class, "close", "count++;", "lock(this);");
    Edit second = new Edit(EditTest.class, "close", "lock(this);", "count++;");

    assertThat(changed(first, second)).contains("lock(this);\n    count++;");
    assertThatThrownBy(() -> changed(first, first)).hasMessageContaining("change the same code");
  }

  @Test
  void sourceIsFoundByTheClass() {
    Edit edit = new Edit(Work.class, "schedule", "Scheduled schedule()", "Scheduled scheduled()");

    assertThat(SourceFile.edited(List.of(edit)))
        .singleElement()
        .satisfies(file -> assertThat(file.getName()).isEqualTo("/dev/virq/workqueue/Work.java"));
  }

  private static String changed(String member, String statement, String replacement) {
    return changed(new Edit(EditTest.class, member, statement, replacement));
  }

  private static String changed(Edit... edits) {
    return SOURCE.apply(List.of(edits)).getCharContent(true);
  }
}
