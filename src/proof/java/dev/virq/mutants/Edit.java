package dev.virq.mutants;

/**
 * One change to a source file.
 *
 * @param owner the class to change; {@link Hidden} has those that have no literal here
 * @param member the member of the class that holds the statement: a method by its name, {@code
 *     <init>} for a constructor, {@code <clinit>} for a static initialiser, {@code field x} for a
 *     field and its initialiser. Where a name is overloaded, with the types of the parameters as
 *     the source has them: {@code put(Vm, int)}
 * @param statement code to replace, which occurs exactly once in the member; comments and layout do
 *     not matter
 * @param replacement what comes in its place
 */
record Edit(Class<?> owner, String member, String statement, String replacement) {

  /** Whether this is the edit's member, by its name with the types of its parameters. */
  boolean names(String declared) {
    return declared.equals(member) || (!member.contains("(") && declared.startsWith(member + "("));
  }

  @Override
  public String toString() {
    return owner.getName() + ", " + member;
  }
}
