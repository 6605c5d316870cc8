#!/bin/sh
# The entry of the image with Spark. Its pods are started in two ways: the jobs of a run bring a command
# of their own; an executor is started as `executor`, with variables by which Spark says who it is.
set -eu
test "${1:-}" = executor || exec "$@"

# Java's options are SPARK_JAVA_OPT_0, SPARK_JAVA_OPT_1, …, each of which may hold spaces
set --
number=0
while eval "test -n \"\${SPARK_JAVA_OPT_$number:-}\""; do
  eval "set -- \"\$@\" \"\$SPARK_JAVA_OPT_$number\""
  number=$((number + 1))
done

exec java "$@" "-Xms$SPARK_EXECUTOR_MEMORY" "-Xmx$SPARK_EXECUTOR_MEMORY" \
  -cp "${SPARK_CONF_DIR:-$SPARK_HOME/conf}:${SPARK_CLASSPATH:-}:$SPARK_HOME/jars/*" \
  org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
  --driver-url "$SPARK_DRIVER_URL" \
  --app-id "$SPARK_APPLICATION_ID" \
  --executor-id "$SPARK_EXECUTOR_ID" \
  --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" \
  --cores "$SPARK_EXECUTOR_CORES" \
  --hostname "$SPARK_EXECUTOR_POD_IP" \
  --podName "$SPARK_EXECUTOR_POD_NAME"
