# SPDX-License-Identifier: BSD-3-Clause
# foretell_new_layout(<dir>) makes a folder of headers in the layout that xtensor has since 0.26, each of which includes the installed
# header of the old layout; <dir> becomes "" where the installed xtensor is new itself. So the branch of the rim that looks for the new
# layout is compiled without a second xtensor.
function(foretell_new_layout dir)
  set(${dir} "" PARENT_SCOPE)
  get_target_property(installed xtensor INTERFACE_INCLUDE_DIRECTORIES)
  find_path(old_layout xtensor/xarray.hpp PATHS ${installed} NO_CACHE NO_DEFAULT_PATH)
  find_path(new_layout xtensor/containers/xarray.hpp PATHS ${installed} NO_CACHE NO_DEFAULT_PATH)
  if(new_layout OR NOT old_layout)
    return()
  endif()

  set(chunk xchunked_array xchunked_assign xchunked_view)
  set(containers xadapt xarray xbuffer_adaptor xcontainer xfixed xscalar xstorage xtensor)
  set(core xaccessible xassign xeval xexpression xexpression_traits xfunction xiterable xiterator xlayout xmath xmultiindex_iterator
    xnoalias xoperation xsemantic xshape xstrides xtensor_config xtensor_forward xvectorize)
  set(generators xbuilder xgenerator xrandom)
  set(io xcsv xinfo xio xjson xmime xnpy)
  set(misc xcomplex xexpression_holder xfft xhistogram xmanipulation xpad xset_operation xsort)
  set(optional xoptional xoptional_assembly xoptional_assembly_base xoptional_assembly_storage)
  set(reducers xaccumulator xblockwise_reducer xblockwise_reducer_functors xnorm xreducer)
  set(utils xexception xtensor_simd xutils)
  set(views index_mapper xaxis_iterator xaxis_slice_iterator xbroadcast xdynamic_view xfunctor_view xindex_view xmasked_view xoffset_view
    xrepeat xslice xstrided_view xstrided_view_base xview xview_utils)
  set(made "${CMAKE_CURRENT_BINARY_DIR}/new_layout")
  foreach(folder chunk containers core generators io misc optional reducers utils views)
    foreach(header IN LISTS ${folder})
      if(EXISTS "${old_layout}/xtensor/${header}.hpp")
        file(CONFIGURE OUTPUT "${made}/xtensor/${folder}/${header}.hpp" CONTENT "#include <xtensor/${header}.hpp>\n")
      endif()
    endforeach()
  endforeach()
  set(${dir} "${made}" PARENT_SCOPE)
endfunction()
