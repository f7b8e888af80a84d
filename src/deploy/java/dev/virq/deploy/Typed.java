package dev.virq.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds members of an object that its type does not have.
 *
 * <p>The types of Kubernetes' own objects collect what they do not know instead of refusing it, so
 * all of their parts are looked through for anything collected.
 */
final class Typed {
  private static final Map<String, Class<?>> TYPES =
      Map.ofEntries(
          Map.entry("v1 ConfigMap", ConfigMap.class),
          Map.entry("v1 PersistentVolumeClaim", PersistentVolumeClaim.class),
          Map.entry("v1 Pod", Pod.class),
          Map.entry("v1 Secret", Secret.class),
          Map.entry("v1 Service", Service.class),
          Map.entry("v1 ServiceAccount", ServiceAccount.class),
          Map.entry("apps/v1 Deployment", Deployment.class),
          Map.entry("apps/v1 StatefulSet", StatefulSet.class),
          Map.entry("networking.k8s.io/v1 Ingress", Ingress.class),
          Map.entry("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class),
          Map.entry("policy/v1 PodDisruptionBudget", PodDisruptionBudget.class),
          Map.entry("gateway.networking.k8s.io/v1 HTTPRoute", HTTPRoute.class),
          Map.entry("monitoring.coreos.com/v1 ServiceMonitor", CustomTypes.ServiceMonitor.class),
          Map.entry("monitoring.coreos.com/v1 PrometheusRule", CustomTypes.PrometheusRule.class),
          Map.entry(
              "gateway.envoyproxy.io/v1alpha1 BackendTrafficPolicy",
              CustomTypes.BackendTrafficPolicy.class),
          Map.entry("networking.istio.io/v1 DestinationRule", CustomTypes.DestinationRule.class));

  /** Takes a number for a text as little as the cluster does. */
  private static final ObjectMapper STRICT =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              config ->
                  config
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail))
          .build();

  private Typed() {}

  /** What is wrong with the object, as paths; empty when it fits its type. */
  static List<String> faults(JsonNode object) {
    String name = object.path("apiVersion").asText() + " " + object.path("kind").asText();
    Class<?> type = TYPES.get(name);
    if (type == null) {
      return List.of("no type is known for " + name);
    }
    try {
      List<String> faults = new ArrayList<>();
      collect(name, STRICT.treeToValue(object, type), faults);
      return faults;
    } catch (JsonProcessingException e) {
      return List.of(name + ": " + e.getOriginalMessage());
    } catch (IllegalAccessException e) {
      throw new LinkageError(name, e);
    }
  }

  private static void collect(String path, Object value, List<String> faults)
      throws IllegalAccessException {
    switch (value) {
      case null -> {
        // A member that is not set.
      }
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          collect(path + "[" + i + "]", list.get(i), faults);
        }
      }
      case Map<?, ?> map -> {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          collect(path + "." + entry.getKey(), entry.getValue(), faults);
        }
      }
      default -> {
        Class<?> type = value.getClass();
        if (type.getName().startsWith("io.fabric8.") && !type.isEnum()) {
          for (Map.Entry<String, Field> field : fields(type).entrySet()) {
            Object member = field.getValue().get(value);
            if (field.getKey().equals("additionalProperties")) {
              if (member instanceof Map<?, ?> unknown) {
                unknown.keySet().forEach(key -> faults.add(path + "." + key));
              }
            } else {
              collect(path + "." + field.getKey(), member, faults);
            }
          }
        }
      }
    }
  }

  private static Map<String, Field> fields(Class<?> type) {
    Map<String, Field> fields = new TreeMap<>();
    for (Class<?> one = type; one != Object.class; one = one.getSuperclass()) {
      for (Field field : one.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          field.setAccessible(true);
          fields.put(field.getName(), field);
        }
      }
    }
    return fields;
  }
}
