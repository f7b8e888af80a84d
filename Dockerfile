# The image of virq.
#
#   docker build -t virq:0.1.0-SNAPSHOT .
#
# The layers, from the one that changes least: base image, Java runtime, libraries, virq itself, AOT cache.
# Nothing here needs a registry that the arguments do not name; `ImageIT` builds it without any.

# Both images can be named by digest, name@sha256:…, and should be for a release: a tag moves.
# Where it is built: a JDK 25 and a shell, with curl or wget unless it has a Maven.
ARG JDK_IMAGE=docker.io/library/eclipse-temurin:25-jdk
# What it runs on: glibc and no more.
ARG BASE_IMAGE=gcr.io/distroless/base-nossl-debian13:latest

FROM ${JDK_IMAGE} AS jdk
# The modules that jdeps finds in use. java.desktop is among them for java.beans alone: what draws, prints and
# plays is native code that goes. The launcher is the only command that stays.
RUN jlink --no-header-files --no-man-pages --output /runtime --add-modules \
java.base,java.compiler,java.desktop,java.instrument,java.naming,java.net.http,java.prefs,java.scripting,\
java.security.jgss,java.sql,jdk.jfr,jdk.management,jdk.unsupported && \
  find /runtime/bin -type f ! -name java -delete && \
  cd /runtime/lib && \
  rm -f jrt-fs.jar libawt*.so libfontmanager.so libfreetype.so libjavajpeg.so libjawt.so libjsound.so liblcms.so \
    libmlib_image.so libsplashscreen.so psfont*

FROM ${JDK_IMAGE} AS build
# For Maven: --offline, a mirror, and the like.
ARG MAVEN_OPTIONS=
WORKDIR /build
COPY . .
# Tests and format are checked before an image is made, and need more than what was copied.
RUN --mount=type=cache,target=/root/.m2 \
  ./mvnw ${MAVEN_OPTIONS} -Pimage -Dmaven.test.skip=true -Dspotless.check.skip=true package && \
  java -Djarmode=tools -jar $(ls target/virq-*.jar | grep -v -e -domain.jar) extract --layers --destination /layers \
    --application-filename virq.jar && \
  rm /layers/dependencies/lib/spring-boot-jarmode-tools-*.jar && \
  # The list of what is inside is made with a network only.
  { [ ! -f target/classes/META-INF/sbom/application.cdx.json ] || \
    cp target/classes/META-INF/sbom/application.cdx.json /layers/application/sbom.cdx.json; }

FROM ${BASE_IMAGE} AS program
WORKDIR /virq
# The management port decides about beans, so it is the same when the beans are laid down (profile image), when
# the cache is made, and when virq runs. Another one works too, as long as it is not the API's.
# A container is reached from outside of it: it listens on every address, of IPv6 too.
ENV SERVER_ADDRESS=0.0.0.0 SERVER_PORT=8080 MANAGEMENT_SERVER_PORT=8081
COPY --from=jdk /runtime /opt/java
COPY --from=build /layers/dependencies/ /layers/snapshot-dependencies/ ./
COPY LICENSE src/main/docker/jvm.options ./
COPY --from=build /layers/application/ ./

# A server that sends itself requests of every kind, with the final JVM, files and options: what it loads goes into
# the cache, and what the JVM learns of its methods. On free ports, for those of the image may be taken here.
# The heap is as large as in a container of 512 MiB: on a large builder it would be so large that references have
# 8 bytes, and a cache made so does not fit where they have 4.
FROM program AS training
RUN ["/opt/java/bin/java", "@jvm.options", "-Xmx307m", "-XX:AOTCacheOutput=virq.aot", "-Xlog:aot=error", \
  "-jar", "virq.jar", "train", "--server.port=0", "--management.server.port=0"]

FROM program
COPY --from=training /virq/virq.aot ./
ARG VERSION=unknown
ARG REVISION=unknown
# When, in RFC 3339; where its source is; and what it stands on, repeated from above.
ARG CREATED=unknown
ARG SOURCE=unknown
ARG BASE_IMAGE
LABEL org.opencontainers.image.title="virq" \
  org.opencontainers.image.description="The lifetimes and ordering of KVM's irqfd, as a service one can signal, stop and watch." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${CREATED}" \
  org.opencontainers.image.source="${SOURCE}" \
  org.opencontainers.image.base.name="${BASE_IMAGE}"
# The API; health and metrics. Health is asked over HTTP: /actuator/health/liveness and /readiness on 8081.
EXPOSE 8080 8081
USER 10001:10001
# No shell: java is process 1, and SIGTERM reaches it.
ENTRYPOINT ["/opt/java/bin/java", "@jvm.options", "-XX:AOTCache=virq.aot", "-jar", "virq.jar"]
