package dev.virq;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts virq: the simulated system calls behind HTTP. */
@SpringBootApplication
public class VirqApplication {

  public static void main(String[] args) {
    SpringApplication.run(VirqApplication.class, args);
  }
}
